import path from 'node:path'
import { Kind, type OperationDefinitionNode, OperationTypeNode, parse, type VariableDefinitionNode } from 'graphql'
import type { Actor } from '../world/actor'
import { type Command, complaintsIn, differences } from './guide'
import type { UserStatus } from '../operations/operations.generated'
import { runModule, runScript } from './shell'
import { connect, hear, socketUrl } from '../world/socket'
import { eventually } from '../world/waiting'

const PROJECT = path.resolve(__dirname, '../../..')
/** No command of a guide takes two seconds; on a busy machine one may wait for others. */
const TIME_LIMIT_MS = 50_000
/** What a guide calls the address of a server, and what stands in its place. */
const ADDRESSES = ['http://127.0.0.1:4000', 'https://flowthrough.example.com']

/** Somebody who follows a guide from its beginning, on data like that of the demo. */
export interface Reader {
  /**
   * Sends or runs a command as it is written, and answers what came: JSON, or a text.
   * @throws Error that names the place, when it fails or answers something else than the guide shows
   */
  follow(command: Command): Promise<unknown>
}

export interface ReaderOptions {
  /** Whose token it is, and where the server is. */
  actor: Actor
  /** In what state the user of an operation has to be, by the name of the operation; without, it is the user seen last. */
  states?: Record<string, UserStatus>
  /** What is known before the first answer, by its key there or, for an ID, by its prefix. */
  known?: Record<string, string>
  /** Besides TOKEN, what commands find in their environment. */
  environment?: Record<string, string>
  /** Where commands are run, and leave their files. */
  directory: string
  /** What else stands in the place of what is written. */
  replacements?: [string | RegExp, string][]
}

export function createReader({ actor, states = {}, known = {}, environment = {}, directory, replacements = [] }: ReaderOptions): Reader {
  /** The last text under each key of the answers so far. A key of an answer with a list has the first one's. */
  const seen = new Map(Object.entries(known))
  const used = new Set<string>()

  return {
    async follow(command) {
      const { guide, line, language, answer: shown } = command
      try {
        const operation = language === 'graphql' ? operationOf(command.text) : undefined
        const answered = operation ? await send(operation, command) : await run(command)
        const shownAnswer: unknown = shown === null ? undefined : JSON.parse(shown)
        if (complaintsIn(shownAnswer).length === 0 && complaintsIn(answered).length > 0)
          throw new Error(JSON.stringify(complaintsIn(answered)))
        if (shownAnswer !== undefined) {
          const found = differences(shownAnswer, answered)
          const whole = JSON.stringify(answered).slice(0, 1000)
          if (found.length > 0) throw new Error(`The answer is not as shown: ${found.join('; ')}. It begins with ${whole}`)
        }
        remember(answered)
        if (operation?.operation !== OperationTypeNode.QUERY) await untilQuiet()
        return answered
      } catch (error) {
        throw new Error(`${guide}:${line} (${language}) is not true: ${String(error instanceof Error ? error.message : error)}`)
      }
    },
  }

  async function send(operation: OperationDefinitionNode, { text, variables: given }: Command): Promise<unknown> {
    const user = await userFor(operation.name?.value ?? '')
    const document = filledIn(text, user)
    const variables = {
      ...guessed(operation, user),
      ...(given === null ? {} : (JSON.parse(filledIn(given, user)) as Record<string, unknown>)),
    }
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) return listen(document, variables)
    const { data, errors, extensions } = await actor.ask<unknown, Record<string, unknown>>(document, variables)
    return { data, ...(errors.length > 0 ? { errors } : {}), extensions }
  }

  /** The first event, which may be about something that happens only after somebody listens. */
  async function listen(query: string, variables: Record<string, unknown>): Promise<unknown> {
    const client = connect(actor)
    const heard = hear(client, query, variables)
    const user = await userIn('PENDING_EMAIL_INPUT')
    try {
      await eventually(async () => {
        if (heard.ended || heard.events.length > 0) return true
        for (const packageType of ['BASIC', 'PREMIUM']) await actor.ask(CHANGE_PACKAGE, { user, packageType })
        return false
      })
      return { data: heard.events[0], ...(heard.errors.length > 0 ? { errors: heard.errors } : {}) }
    } finally {
      await client.dispose()
    }
  }

  async function run({ language, text }: Command): Promise<unknown> {
    const script = filledIn(text, seen.get('usr'))
    const known = [...seen].map(([key, value]) => [key.replace(/[A-Z]/g, '_$&').toUpperCase(), value])
    const options = { environment: { ...Object.fromEntries(known), TOKEN: actor.token, ...environment }, timeoutMs: TIME_LIMIT_MS }
    const stdout =
      language === 'sh' ? await runScript(script, { ...options, directory }) : await runModule(script, { ...options, directory: PROJECT })
    try {
      return JSON.parse(stdout) as unknown
    } catch {
      return stdout
    }
  }

  /** With what was seen last, or is found for it, in the places that a reader has to fill in. */
  function filledIn(text: string, user: string | undefined): string {
    const addressed = ADDRESSES.reduce((written, address) => written.replaceAll(address, actor.url), text)
      .replaceAll('flt_…', actor.token)
      .replaceAll('wss://flowthrough.example.com/graphql', socketUrl(actor.url))
      .replace(/\b([a-z]{3})_…/g, (_, type: string) => (type === 'usr' ? user : undefined) ?? value(type))
      .replace(/(\w+)("?: ")…"/g, (_, key: string, between: string) => `${key}${between}${value(key)}"`)
    return replacements.reduce((written, [what, by]) => written.replaceAll(what, by), addressed)
  }

  function value(key: string): string {
    const found = seen.get(key)
    if (found === undefined) throw new Error(`Nothing so far has answered what "${key}" is to be.`)
    return found
  }

  /** The values of variables for which a guide gives none; null is as good as what is not known. */
  function guessed(operation: OperationDefinitionNode, user: string | undefined): Record<string, unknown> {
    const entries = (operation.variableDefinitions ?? []).map((definition: VariableDefinitionNode) => {
      const { value: name } = definition.variable.name
      const known = /^(user|userId|id)$/.test(name) ? user : seen.get(name)
      return [name, known] as const
    })
    return Object.fromEntries(entries)
  }

  async function userFor(operationName: string): Promise<string | undefined> {
    const state = states[operationName]
    return state === undefined ? seen.get('usr') : userIn(state)
  }

  /** Somebody in this state whom nothing was done to yet. */
  async function userIn(status: UserStatus): Promise<string> {
    const { data } = await actor.ask<{ provisionedUsers: { nodes: { id: string }[] } }, Record<string, unknown>>(USERS_IN, {
      statuses: [status],
    })
    const user = data.provisionedUsers.nodes.find(({ id }) => !used.has(id))
    if (!user) throw new Error(`Nobody is ${status} any more.`)
    used.add(user.id)
    return user.id
  }

  function remember(answered: unknown): void {
    const found = new Map<string, string>()
    const note = (key: string, text: string) => void (found.has(key) || found.set(key, text))
    const look = (key: string, each: unknown): void => {
      if (typeof each === 'string') {
        note(key, each)
        const type = /^([a-z]{3})_[0-9a-z]{26}$/.exec(each)?.[1]
        if (type) note(type, each)
        // What the arguments of a next question are called.
        if (/^(endCursor|latestCursor)$/.test(key)) note('after', each)
        if (key === 'key') note('causeKey', each)
        if (type === 'cus') note('customer', each)
      } else if (typeof each === 'object' && each !== null) Object.entries(each).forEach(([name, member]) => look(name, member))
    }
    if (typeof answered === 'object') look('', answered)
    for (const [key, text] of found) seen.set(key, text)
  }

  /** What takes time has ended: a reader would wait for that. */
  async function untilQuiet(): Promise<void> {
    await eventually(async () => {
      const { data } = await actor.ask<{ provisionedUsers: { nodes: unknown[] } }, Record<string, unknown>>(USERS_IN, {
        statuses: ['PROVISIONING', 'UPDATING'],
      })
      return data.provisionedUsers.nodes.length === 0
    })
  }
}

const USERS_IN = 'query ($statuses: [UserStatus!]) { provisionedUsers(first: 100, filter: { statuses: $statuses }) { nodes { id } } }'
const CHANGE_PACKAGE = `mutation ($user: ID!, $packageType: PackageType!) {
  changePackageType(input: { userId: $user, packageType: $packageType }) { userErrors { message } }
}`

function operationOf(text: string): OperationDefinitionNode | undefined {
  return parse(text).definitions.find(definition => definition.kind === Kind.OPERATION_DEFINITION)
}
