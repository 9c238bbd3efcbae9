import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** How one asks for a field of Query, Mutation or Subscription, as a person would. */
export interface ExampleOperation {
  rootField: string
  operation: string
  /** JSON, with placeholders such as `usr_…` for IDs; null when the operation takes no variables. */
  variables: string | null
}

/** The examples of the partner API, or of the activation API, by the names of their fields. */
export function readExamples(folder: 'schema/examples' | 'schema/examples/activation'): ExampleOperation[] {
  const directory = path.resolve(__dirname, '..', folder)
  return readdirSync(directory)
    .filter(file => file.endsWith('.graphql'))
    .sort()
    .map(file => {
      const rootField = path.basename(file, '.graphql')
      const variables = path.join(directory, `${rootField}.variables.json`)
      return {
        rootField,
        operation: readFileSync(path.join(directory, file), 'utf8'),
        variables: existsSync(variables) ? readFileSync(variables, 'utf8') : null,
      }
    })
}
