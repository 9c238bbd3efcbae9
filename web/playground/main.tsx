import './style-nonce'
import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import '@graphiql/plugin-explorer/style.css'
import './style.css'
import './examples/examples.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Playground } from './playground'

const root = document.getElementById('playground')
if (!root) throw new Error('index.html has no element with the id "playground".')
createRoot(root).render(
  <StrictMode>
    <Playground />
  </StrictMode>,
)
