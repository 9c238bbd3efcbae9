import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import {
  commitMutation,
  type ConcreteRequest,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getSingularSelector,
  type MutationParameters,
  Network,
  type PayloadData,
  type ReaderFragment,
  RecordSource,
  Store,
  type Variables,
} from 'relay-runtime'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, userItem } from '../../support/world/builders'
import { eventually } from '../../support/world/waiting'

/** Relay is the strictest of clients about Node, connections and PageInfo. Its own compiler and its own store judge here. */
const PROJECT = path.resolve(__dirname, '../../..')
const USERS = 25

let folder: string
let app: TestApp
let alice: TestPartner
let template: string
let customerId: string
/** Newest first. */
let users: string[]

beforeAll(async () => {
  folder = await compile()
  app = await startTestApp()
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
})
afterAll(async () => {
  await app?.stop()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  const spEnterpriseId = `SP1+customer${nextNumber()}`
  users = []
  for (let made = 0; made < USERS; made++) {
    const { broadworksId, customer } = await makeUser(alice.operator, template, { spEnterpriseId })
    users.unshift(broadworksId)
    customerId = customer.id
  }
})

/** Compiles the fixtures against the committed SDL, in a folder of its own. */
async function compile(): Promise<string> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-relay-'))
  cpSync(path.join(PROJECT, 'test/fixtures/relay'), directory, { recursive: true })
  cpSync(path.join(PROJECT, 'schema/schema.graphql'), path.join(directory, 'schema.graphql'))
  mkdirSync(path.join(directory, 'artifacts'))
  const compiler = path.join(PROJECT, 'node_modules/relay-compiler/cli.js')
  await promisify(execFile)(process.execPath, [compiler, '--noWatchman', 'relay.config.json'], { cwd: directory })
  return directory
}

/** What the compiler wrote: a request, or a fragment. */
function artifact<Artifact extends ConcreteRequest | ReaderFragment>(name: string): Artifact {
  return createRequire(path.join(folder, 'relay.config.json'))(`./artifacts/${name}.graphql`) as Artifact
}

/** A store of its own that asks over HTTP in the operator's name. */
function makeEnvironment(): Environment {
  const network = Network.create(async ({ text }, variables) => {
    const { data, errors } = await alice.operator.ask<PayloadData, Variables>(text ?? '', variables)
    return { data, errors }
  })
  return new Environment({ network, store: new Store(new RecordSource()) })
}

interface Connection {
  __id: string
  edges: { node: { id: string; broadworksId: string; status?: string } }[]
  pageInfo: { endCursor: string | null; hasNextPage: boolean; startCursor: string | null; hasPreviousPage: boolean }
}

interface List {
  connection(): Connection
  ids(): string[]
  /** As Relay's usePaginationFragment does it. */
  load(direction: 'forward' | 'backward', count: number): Promise<void>
}

/** Reads the query and answers the list of a fragment of it. @param parent the field that the fragment is on; the query itself when left out */
async function openList(
  environment: Environment,
  names: { query: string; fragment: string; parent?: string },
  variables: Variables,
): Promise<List> {
  const operation = createOperationDescriptor(artifact<ConcreteRequest>(names.query), variables)
  await fetchQuery(environment, operation.request.node, variables).toPromise()
  environment.retain(operation)
  const root = environment.lookup(operation.fragment).data as Record<string, unknown>
  const fragment = artifact<ReaderFragment>(names.fragment)
  const selector = getSingularSelector(fragment, names.parent ? root[names.parent] : root)
  if (!selector) throw new Error('The fragment is not there.')
  const connection = () => (environment.lookup(selector).data as { provisionedUsers: Connection }).provisionedUsers
  const { paginationRequest, paginationMetadata, identifierField } = getPaginationMetadata(fragment, 'test')
  return {
    connection,
    ids: () => connection().edges.map(({ node }) => node.broadworksId),
    async load(direction, count) {
      const { endCursor, startCursor } = connection().pageInfo
      const cursor = direction === 'forward' ? endCursor : startCursor
      const page = getPaginationVariables(direction, count, cursor, { ...variables, ...selector.variables }, {}, paginationMetadata)
      const identifier = identifierField ? { [identifierField]: selector.dataID } : {}
      await fetchQuery(environment, paginationRequest, { ...page, ...identifier }, { fetchPolicy: 'network-only' }).toPromise()
    },
  }
}

function openUserList(environment: Environment): Promise<List> {
  return openList(environment, { query: 'UserListQuery', fragment: 'UserList_query' }, { first: 10, filter: { customerIds: [customerId] } })
}

function mutate(environment: Environment, name: string, variables: Variables): Promise<unknown> {
  return new Promise((onCompleted, onError) => {
    commitMutation<MutationParameters>(environment, { mutation: artifact<ConcreteRequest>(name), variables, onCompleted, onError })
  })
}

describe('Relay', () => {
  it('pages through a list to its end, each user once and in order', async () => {
    const list = await openUserList(makeEnvironment())
    expect(list.ids()).toEqual(users.slice(0, 10))
    const lengths: number[] = []
    while (list.connection().pageInfo.hasNextPage) {
      await list.load('forward', 10)
      lengths.push(list.ids().length)
    }
    expect(lengths).toEqual([20, 25])
    expect(list.ids()).toEqual(users)
  })

  it('pages from the end to the start, and refetches the parent by `node`', async () => {
    const names = { query: 'UserListCustomerQuery', fragment: 'UserList_customer', parent: 'customer' }
    const list = await openList(makeEnvironment(), names, { id: customerId, last: 10 })
    expect(list.ids()).toEqual(users.slice(15))
    const lengths: number[] = []
    while (list.connection().pageInfo.hasPreviousPage) {
      await list.load('backward', 10)
      lengths.push(list.ids().length)
    }
    expect(lengths).toEqual([20, 25])
    expect(list.ids()).toEqual(users)
  })

  it('shows on the list what a mutation changed, and what `node` answers anew', async () => {
    const environment = makeEnvironment()
    const list = await openUserList(environment)
    const { id } = list.connection().edges[3]?.node ?? { id: '' }
    const statusOnList = () => list.connection().edges[3]?.node.status
    expect(statusOnList()).toBe('PENDING_EMAIL_INPUT')
    await mutate(environment, 'UserListRetryMutation', { input: { userId: id, email: `anna-${nextNumber()}@example.com` } })
    expect(statusOnList()).toBe('PROVISIONING')
    await eventually(async () => {
      await fetchQuery(environment, artifact<ConcreteRequest>('UserListNodeQuery'), { id }, { fetchPolicy: 'network-only' }).toPromise()
      return statusOnList() !== 'PROVISIONING'
    })
    expect(statusOnList()).toBe('PROVISIONED')
  })

  it('takes a deleted user off the list, and puts a new one on it', async () => {
    const environment = makeEnvironment()
    const list = await openUserList(environment)
    const { __id: connection, edges } = list.connection()
    const connections = [connection]
    await mutate(environment, 'UserListDeleteMutation', { input: { userId: edges[0]?.node.id }, connections })
    expect(list.ids()).toEqual(users.slice(1, 10))
    const user = userItem(template, { spEnterpriseId: `SP1+customer${nextNumber()}` })
    await mutate(environment, 'UserListHandOverMutation', { input: { user }, connections })
    expect(list.ids()).toEqual([user.broadworksId, ...users.slice(1, 10)])
  })
})
