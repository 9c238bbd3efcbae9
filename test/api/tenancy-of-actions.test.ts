import { Role } from '../../src/auth/viewer'
import type { Actor } from '../support/world/actor'
import { type Estate, makeEstate, phantomOf, type Target, untilQuiet } from '../support/world/estate'
import { startTestApp, type TestApp } from '../support/world/app'
import { makeUser } from '../support/world/builders'
import { OWN_INPUTS } from '../support/schema/own-inputs'
import { mutationFields, queryFields, type RootField, subscriptionFields } from '../support/schema/partner-schema'
import { connect, hear, type Heard } from '../support/world/socket'
import {
  ask,
  documentOf,
  hiddenRows,
  rowsOf,
  secretsIn,
  secretsOf,
  secretsOfOtherCustomers,
  textOf,
  type Told,
  type Values,
  verdict,
} from '../support/world/tenancy'
import { eventually } from '../support/world/waiting'

let app: TestApp
let alice: Estate
let mallory: Estate
/** An operator and an administrator of alice's who are for her first customer only. */
let bob: Actor
let restrictedAdmin: Actor

beforeAll(async () => {
  app = await startTestApp()
  ;[alice, mallory] = await Promise.all([makeEstate(app, 'Alice Telecom'), makeEstate(app, 'Mallory Mobile')])
  bob = await app.addToken(alice.partnerId, Role.OPERATOR, [alice.customers[0]])
  restrictedAdmin = await app.addToken(alice.partnerId, Role.ADMIN, [alice.customers[0]])
  await untilQuiet(app)
})
afterAll(() => app.stop())

const secretsToMallory = () => secretsOf(app, alice.partnerId, mallory.partnerId)

/** How each subscription can be asked for something of somebody's; a new one needs an entry. */
const SUBSCRIPTIONS: Record<string, (target: Target, changeCursor: string) => Values[]> = {
  provisionedUserChanged: ({ customer, template }, changeCursor) => [
    {},
    { filter: { customerIds: [customer] } },
    { filter: { onboardingTemplateIds: [template] } },
    { after: changeCursor },
  ],
  statusCountsChanged: ({ customer, template }) => [{}, { customerId: customer }, { onboardingTemplateId: template }],
  bulkOperationProgressed: ({ bulkOperation }) => [{ id: bulkOperation }],
}

describe('The walk through the actions', () => {
  it('has an entry for every subscription, and none for what is not there', () => {
    expect(Object.keys(SUBSCRIPTIONS).sort()).toEqual(Object.keys(subscriptionFields).sort())
    expect(Object.keys(OWN_INPUTS).filter(name => !(name in mutationFields))).toEqual([])
  })
})

describe('What is told over a WebSocket', () => {
  interface Listening {
    heard: { name: string; values: Values; heard: Heard<Values> }[]
    /** All that came, errors too. */
    text(): string
    stop(): Promise<void>
  }

  /** All subscriptions at a time, each asked for everything. */
  function listen(actor: Actor, target: Target, changeCursor: string): Listening {
    const client = connect(actor)
    const heard = Object.entries(SUBSCRIPTIONS).flatMap(([name, valuesOf]) =>
      valuesOf(target, changeCursor).map(values => {
        const document = documentOf('subscription', subscriptionFields[name] as RootField, Object.keys(values))
        return { name, values, heard: hear<Values>(client, document, values) }
      }),
    )
    return {
      heard,
      text: () => JSON.stringify(heard.map(({ heard: { events, errors } }) => ({ events, errors }))),
      stop: async () => client.dispose(),
    }
  }

  /** What each subscription came to: refused, and why; or whom it told of. */
  const outcomes = ({ heard }: Listening, target: Target) =>
    heard.map(({ name, heard: { events, errors, ended } }) => {
      const users = new Set(events.map(event => JSON.stringify(event)).flatMap(text => text.match(/usr_\w{26}/g) ?? []))
      return { name, ended, refusal: verdict(JSON.stringify(errors), target), users: [...users].sort() }
    })

  const changeCursorOf = async (actor: Actor): Promise<string> => {
    const { data } = await actor.ask<{ userChanges: { latestCursor: string } }, Values>('{ userChanges(first: 0) { latestCursor } }')
    return data.userChanges.latestCursor
  }

  /** Each hears of its own last change, before which came all of the others'. */
  async function untilHeardOf({ heard }: Listening, userId: string): Promise<void> {
    const all = heard.find(({ name, values }) => name === 'provisionedUserChanged' && Object.keys(values).length === 0)
    await eventually(async () => JSON.stringify(all?.heard.events).includes(userId))
  }

  /** Each that is not refused has told how it was in the beginning, or is under way. */
  async function untilBegun({ heard }: Listening): Promise<void> {
    const begin = heard.filter(({ name }) => name !== 'provisionedUserChanged')
    await eventually(async () => begin.every(each => each.heard.events.length > 0 || each.heard.ended))
  }

  const counts = async (actor: Actor) => (await actor.ask<Values, Values>('{ statusCounts { status count } }')).data['statusCounts']

  async function untilCounted(actor: Actor, { heard }: Listening): Promise<void> {
    const all = heard.find(({ name, values }) => name === 'statusCountsChanged' && Object.keys(values).length === 0)
    await eventually(async () => {
      const told = all?.heard.events.at(-1)?.['statusCountsChanged'] as { status: string; count: number }[]
      return JSON.stringify(told.map(({ status, count }) => ({ status, count }))) === JSON.stringify(await counts(actor))
    })
  }

  it('is all to alice, and nothing of hers to mallory, nor of her other customers to bob', async () => {
    const hers = await changeCursorOf(alice.admin)
    const [target, hidden] = [phantomOf(alice.target), phantomOf(alice.hidden)]
    const listeners = {
      alice: listen(alice.admin, alice.hidden, hers),
      mallory: listen(mallory.admin, alice.target, hers),
      malloryOfNothing: listen(mallory.admin, target, 'no cursor'),
      bob: listen(bob, alice.hidden, hers),
      bobOfNothing: listen(bob, hidden, hers),
    }
    try {
      await Promise.all(Object.values(listeners).map(untilBegun))
      const at = ({ spEnterpriseId }: Target) => ({ spEnterpriseId })
      const other = await makeUser(alice.operator, alice.target.template, at(alice.hidden))
      const bobs = await makeUser(alice.operator, alice.target.template, at(alice.target))
      const mallorys = await makeUser(mallory.operator, mallory.target.template)
      await untilQuiet(app)
      const [last, herLast] = [
        await makeUser(alice.operator, alice.target.template, at(alice.target)),
        await makeUser(mallory.operator, mallory.target.template),
      ]
      await Promise.all([
        untilHeardOf(listeners.alice, last.id),
        untilHeardOf(listeners.mallory, herLast.id),
        untilHeardOf(listeners.malloryOfNothing, herLast.id),
        untilHeardOf(listeners.bob, last.id),
        untilHeardOf(listeners.bobOfNothing, last.id),
        untilCounted(alice.admin, listeners.alice),
        untilCounted(mallory.admin, listeners.mallory),
        untilCounted(bob, listeners.bob),
      ])
      for (const { id } of [other, bobs, last]) expect(listeners.alice.text()).toContain(id)
      expect(listeners.alice.heard.filter(({ heard }) => heard.errors.length > 0)).toEqual([])

      expect(secretsIn([listeners.mallory.text(), listeners.malloryOfNothing.text()], await secretsToMallory())).toEqual([])
      expect(outcomes(listeners.mallory, alice.target)).toEqual(outcomes(listeners.malloryOfNothing, target))
      expect(listeners.mallory.text()).toContain(mallorys.id)

      expect(secretsIn([listeners.bob.text(), listeners.bobOfNothing.text()], await secretsOfOtherCustomers(app, alice))).toEqual([])
      expect(outcomes(listeners.bob, alice.hidden)).toEqual(outcomes(listeners.bobOfNothing, hidden))
      for (const { id } of [bobs, last]) expect(listeners.bob.text()).toContain(id)
    } finally {
      await Promise.all(Object.values(listeners).map(({ stop }) => stop()))
    }
  })
})

interface Followed {
  /** Each answer and each file. */
  texts: string[]
  /** Those that are the same whenever one asks: an operation may be under way or done when it is answered. */
  settled: string[]
}

/** What came of a mutation, and of what it began. */
async function followed(actor: Actor, name: string, input: Values): Promise<Followed> {
  const answer = textOf(await ask(actor, 'mutation', mutationFields[name] as RootField, { input }, true))
  const operation = /"id":"(blk_\w+)"/.exec(answer)?.[1]
  if (operation) {
    const done = textOf(await operationWhenDone(actor, operation))
    const { texts } = await followed(actor, 'exportBulkResults', { id: operation })
    return { texts: [answer, done, ...texts], settled: [done, ...texts] }
  }
  const url = /"downloadUrl":"([^"]+)"/.exec(answer)?.[1]
  const texts = url ? [answer, await (await fetch(url)).text()] : [answer]
  return { texts, settled: texts }
}

async function operationWhenDone(actor: Actor, id: string): Promise<Told> {
  return eventually(async () => {
    const answer = await ask(actor, 'query', queryFields['bulkOperation'] as RootField, { id })
    return textOf(answer).includes('"endedAt":null') ? null : answer
  })
}

/** Whatever somebody does for himself and names by it something hidden, has to be as if he had named nothing. */
async function expectNothingLearnt(
  actor: Actor,
  name: string,
  { target, own, secrets }: { target: Target; own: Estate; secrets: Set<string> },
): Promise<void> {
  const phantom = phantomOf(target)
  const [inputs, others] = await Promise.all([target, phantom].map(async each => (await OWN_INPUTS[name]?.(each, own)) ?? []))
  for (const [index, input] of (inputs ?? []).entries()) {
    const { texts, settled } = await followed(actor, name, input)
    // What he says himself is no news to him.
    const said = JSON.stringify(input)
    expect(secretsIn(texts, secrets).filter(secret => !said.includes(secret))).toEqual([])
    const told = await followed(actor, name, others?.[index] ?? {})
    expect(settled.map(text => verdict(text, target))).toEqual(told.settled.map(text => verdict(text, phantom)))
  }
}

describe('What mallory does for herself', () => {
  it.each(Object.keys(OWN_INPUTS))('by %s is as if alice were not there, whatever of hers it names', async name => {
    const before = await rowsOf(app, alice.partnerId)
    // Whom she has handed over once is hers from then on.
    const target = name === 'provisionUsers' ? alice.hidden : alice.target
    await expectNothingLearnt(mallory.admin, name, { target, own: mallory, secrets: await secretsToMallory() })
    expect(await rowsOf(app, alice.partnerId)).toEqual(before)
  })
})

describe('What bob does for himself', () => {
  it.each(['exportUsers', 'bulkRetryActivation', 'bulkChangePackageType', 'bulkDeleteUsers'])(
    'by %s is as if there were no other customers, whatever of them it names',
    async name => {
      const { hidden: before } = await hiddenRows(app, alice)
      const actor = name === 'bulkDeleteUsers' ? restrictedAdmin : bob
      await expectNothingLearnt(actor, name, { target: alice.hidden, own: alice, secrets: await secretsOfOtherCustomers(app, alice) })
      const isRequest = (row: string) => /^{"id":"(dow|blk|blr)_|"bulk_operation_id"|"customer_id":null/.test(row)
      const { hidden } = await hiddenRows(app, alice)
      expect(hidden.filter(row => !isRequest(row))).toEqual(before.filter(row => !isRequest(row)))
    },
  )
})

describe('A download', () => {
  const fileOf = async (actor: Actor, format = 'JSONL') => {
    const answer = await ask(actor, 'mutation', mutationFields['exportUsers'] as RootField, { input: { format } }, true)
    return /"downloadUrl":"([^"]+)"/.exec(textOf(answer))?.[1] ?? ''
  }

  it.each(['JSONL', 'CSV'])('as %s has all to alice, the users of his customer to bob, and none of alice to mallory', async format => {
    const read = async (actor: Actor) => (await fetch(await fileOf(actor, format))).text()
    const [hers, his, mallorys] = [await read(alice.operator), await read(bob), await read(mallory.operator)]
    for (const { broadworksId } of [alice.target, alice.hidden]) expect(hers).toContain(broadworksId)
    expect(his).toContain(alice.target.broadworksId)
    expect(secretsIn([his], await secretsOfOtherCustomers(app, alice))).toEqual([])
    expect(mallorys).toContain(mallory.target.broadworksId)
    expect(secretsIn([mallorys], await secretsToMallory())).toEqual([])
  })

  it("of alice's is to mallory what an unknown one is", async () => {
    const url = await fileOf(alice.operator)
    const headers = { authorization: `Bearer ${mallory.admin.token}` }
    const read = async (address: string) => {
      const response = await fetch(address, { headers })
      return { status: response.status, text: verdict(await response.text(), alice.target) }
    }
    const unknown = await read(url.replace(/\.[^.]+$/, `.${'a'.repeat(43)}`))
    expect(await read(url)).toEqual(unknown)
    expect(unknown.status).toBe(404)
    expect(await read(`${app.url}/downloads/nothing`)).toEqual(unknown)
  })
})
