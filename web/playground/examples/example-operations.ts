import { getOperationAST, type OperationTypeNode, parse } from 'graphql'

/** How one asks for a field of Query, Mutation or Subscription, as schema/examples has it. */
export interface ExampleOperation {
  rootField: string
  kind: OperationTypeNode
  operation: string
  /** JSON with placeholders such as `usr_…`; undefined when the operation takes no variables. */
  variables?: string
}

const files = import.meta.glob<string>('../../../schema/examples/*.{graphql,json}', { query: '?raw', import: 'default', eager: true })
const fileOf = (name: string) => files[`../../../schema/examples/${name}`]

export const exampleOperations: ExampleOperation[] = Object.keys(files)
  .flatMap(file => /(\w+)\.graphql$/.exec(file)?.[1] ?? [])
  .map(rootField => {
    const operation = fileOf(`${rootField}.graphql`) ?? ''
    const kind = getOperationAST(parse(operation))?.operation
    if (!kind) throw new Error(`The example of ${rootField} is no operation.`)
    return { rootField, kind, operation, variables: fileOf(`${rootField}.variables.json`) }
  })

/**
 * What a new visitor finds in tabs, in the order in which stuck users are mended. The first one must do without variables: GraphiQL does
 * not show those of its first default tab.
 */
const IN_TABS = [
  ...['customers', 'onboardingTemplate', 'provisionedUsers', 'retryActivation', 'changePackageType', 'deleteUser'],
  ...['causes', 'bulkRetryActivation', 'bulkOperation', 'exportUsers', 'auditEvents'],
  ...['statusCountsChanged', 'provisionedUserChanged', 'errorCatalog'],
]

export const defaultTabs = IN_TABS.map(name => {
  const example = exampleOperations.find(({ rootField }) => rootField === name)
  if (!example) throw new Error(`There is no example of ${name}.`)
  return { query: example.operation, variables: example.variables }
})
