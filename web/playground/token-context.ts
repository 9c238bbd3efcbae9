import { createContext } from 'react'

/** The API token of the visitor, empty without one: for what GraphiQL draws, which takes no props of ours. */
export const TokenContext = createContext('')
