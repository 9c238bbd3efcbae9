import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buildSchema, getOperationAST, type GraphQLSchema, parse, validate } from 'graphql'
import { readExamples } from '../../scripts/example-operations'
import type { Answer } from '../support/world/actor'
import { startTestApp, type TestApp, type TestPartner } from '../support/world/app'
import { makeTemplate, makeUser } from '../support/world/builders'
import { CausesDocument, FindTemplateDocument, RetryActivationDocument } from '../support/operations/operations.generated'
import { visitPortal, type Visitor } from '../support/world/portal'
import { type MailServer, startMailServer } from '../support/fakes/smtp'
import { connect, hear } from '../support/world/socket'
import { makeOperation, validInputs } from '../support/schema/valid-inputs'
import { eventually } from '../support/world/waiting'

const PARTNER = 'schema/examples'
const ACTIVATION = 'schema/examples/activation'
const PASSCODE = 'demo-passcode'

const ofPartner = readExamples(PARTNER).map(example => ({ ...example, kind: kindOf(example.operation) }))
const ofActivation = readExamples(ACTIVATION)

type Ids = Record<string, string>
type Payload = Record<string, { userErrors?: unknown[] } | null>

let mails: MailServer
let app: TestApp
let alice: TestPartner
let template: string
/** What the placeholders stand for, by their prefixes. */
let ids: Ids

beforeAll(async () => {
  mails = await startMailServer()
  app = await startTestApp({ environment: mails.environment })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin)
  const { id: usr, customer } = await makeUser(alice.operator, template)
  const { causes } = await alice.admin.get(CausesDocument, {})
  ids = { usr, cus: customer.id, tpl: template, blk: await makeOperation(alice, 'CANCELLED', usr), key: present(causes[0]).key }
})
afterAll(async () => {
  await app?.stop()
  await mails?.stop()
})

describe.each([
  { folder: PARTNER, file: 'schema/schema.graphql' },
  { folder: ACTIVATION, file: 'schema/activation.graphql' },
] as const)('$folder', ({ folder, file }) => {
  const schema = buildSchema(readFileSync(path.resolve(__dirname, '../..', file), 'utf8'))
  const examples = readExamples(folder)

  it('has one example for each field of Query, Mutation and Subscription, and no other file', () => {
    expect(examples.map(({ rootField }) => rootField)).toEqual(rootFieldsOf(schema).sort())
    const expected = examples.flatMap(({ rootField, variables }) => [
      `${rootField}.graphql`,
      ...(variables === null ? [] : [`${rootField}.variables.json`]),
    ])
    expect(readdirSync(path.resolve(__dirname, '../..', folder)).filter(name => name !== 'activation')).toEqual(expected.sort())
  })

  it.each(examples)('has $rootField as one valid operation of this field, named like it, with variables where it takes some', example => {
    const document = parse(example.operation)
    expect(validate(schema, document)).toEqual([])
    expect(document.definitions).toHaveLength(1)
    const operation = getOperationAST(document)
    expect(operation?.name?.value).toBe(example.rootField.replace(/^./, first => first.toUpperCase()))
    expect(operation?.selectionSet.selections).toMatchObject([{ name: { value: example.rootField } }])
    expect(example.variables === null).toBe(operation?.variableDefinitions?.length === 0)
    const known = operation?.variableDefinitions?.map(({ variable }) => variable.name.value)
    expect(known).toEqual(expect.arrayContaining(Object.keys(JSON.parse(example.variables ?? '{}'))))
  })
})

describe('an example of the partner API', () => {
  it.each(ofPartner.filter(({ kind }) => kind === 'query'))('reads $rootField', async ({ rootField, operation, variables }) => {
    const { data, errors } = await alice.admin.ask<Payload, Ids>(operation, filled(variables, ids))
    expect(errors).toEqual([])
    expect(present(data[rootField])).not.toEqual([])
    // A filter that shows nobody teaches nothing.
    expect(data[rootField]).not.toMatchObject({ totalCount: 0 })
  })

  it.each(ofPartner.filter(({ kind }) => kind === 'mutation'))('does $rootField', async ({ rootField, operation, variables }) => {
    // Objects that are in the right state for this mutation.
    const input = await validInputs(alice, template)[rootField]?.()
    const { data, errors } = await alice.admin.ask<Payload, Ids>(operation, filled(variables, { ...ids, ...idsIn(input) }))
    expect(errors).toEqual([])
    expect(data[rootField]?.userErrors).toEqual([])
  })

  it.each(ofPartner.filter(({ kind }) => kind === 'subscription'))('hears of $rootField', async ({ operation, variables }) => {
    const client = connect(alice.admin)
    try {
      const heard = hear(client, operation, filled(variables, ids))
      await eventually(async () => {
        await makeUser(alice.operator, template)
        return heard.events.length > 0 || heard.ended
      })
      expect(heard.errors).toEqual([])
      expect(heard.events.length).toBeGreaterThan(0)
    } finally {
      await client.dispose()
    }
  })
})

describe('an example of the activation API', () => {
  let link: string
  beforeAll(async () => {
    const { onboardingTemplate } = await alice.admin.get(FindTemplateDocument, { id: template })
    link = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''
  })

  async function send(visitor: Visitor, rootField: string, value: string, user = ''): Promise<unknown> {
    const { operation = '', variables = null } = ofActivation.find(example => example.rootField === rootField) ?? {}
    const given = variables?.replace('"…"', JSON.stringify(value)).replace('anna.rossi@example.com', user || 'anna.rossi@example.com')
    const { data, errors }: Answer<Payload> = await visitor.ask(operation, JSON.parse(given ?? '{}'))
    expect(errors).toEqual([])
    expect(data[rootField]?.userErrors ?? []).toEqual([])
    expect(present(data[rootField])).not.toEqual([])
    sent.add(rootField)
    return data[rootField]
  }
  const sent = new Set<string>()

  async function failingUser(email: string): Promise<Visitor> {
    const { id, broadworksId } = await makeUser(alice.operator, template, { activationPasscode: PASSCODE })
    await alice.operator.get(RetryActivationDocument, { input: { userId: id, email } })
    const visitor = visitPortal(app.url)
    await send(visitor, 'signIn', link, broadworksId)
    return visitor
  }

  it('leads a user on, each at its place', async () => {
    // The examples of the partner API hand over, and give an address to, somebody of this name.
    const bob = await app.addPartner('Bob Telecom')
    const onTemplate = await makeTemplate(bob.admin, { language: 'en' })
    await makeUser(bob.operator, onTemplate, { broadworksId: 'anna.rossi@example.com', activationPasscode: PASSCODE })
    const { onboardingTemplate } = await bob.admin.get(FindTemplateDocument, { id: onTemplate })
    const key = onboardingTemplate?.userVerification.activationLink.split('/').at(-1) ?? ''

    const visitor = visitPortal(app.url)
    expect(await send(visitor, 'activationLink', key)).toEqual({ partnerName: expect.any(String) as string, ready: true })
    await send(visitor, 'signIn', key)
    await send(visitor, 'submitEmail', '')
    const { text = '' } = await mails.mailTo('anna.rossi@example.com')
    await send(visitor, 'confirmEmail', new URL(/http\S+\/activate\/confirm\S+/.exec(text)?.[0] ?? '').searchParams.get('token') ?? '')
    expect(await send(visitor, 'activation', '')).toMatchObject({ email: 'anna.rossi@example.com' })
    await send(visitor, 'signOut', '')

    const failed = await failingUser('error-200039@example.com')
    await failed.untilStep('ERROR')
    await send(failed, 'tryAgain', '')
    const consenting = await failingUser('consumer-anna@example.com')
    await consenting.untilStep('GIVE_CONSENT')
    await send(consenting, 'resendConsentEmail', '')

    expect([...sent].sort()).toEqual(ofActivation.map(({ rootField }) => rootField))
  })
})

/** The variables with objects of this server in the places of placeholders such as `usr_…`. */
function filled(variables: string | null, by: Ids): Ids {
  const text = (variables ?? '{}').replaceAll(/([a-z]{3})_…/g, (_, prefix: string) => present(by[prefix]))
  return JSON.parse(text) as Ids
}

function present<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error('There should be something.')
  return value
}

function idsIn(input: unknown): Ids {
  const found = [...JSON.stringify(input ?? {}).matchAll(/"(([a-z]{3})_[0-9a-z]{26})"/g)]
  return Object.fromEntries(found.map(([, id, prefix]) => [prefix, id]))
}

function kindOf(operation: string): string | undefined {
  return getOperationAST(parse(operation))?.operation
}

function rootFieldsOf(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return roots.flatMap(root => Object.keys(root?.getFields() ?? {}))
}
