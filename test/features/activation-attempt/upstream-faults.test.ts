import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'
import { ChangePackageTypeDocument, UserHistoryDocument } from '../../support/operations/operations.generated'
import { startTestSimulator, type TestSimulator } from '../../support/fakes/simulator'

let simulator: TestSimulator
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  simulator = await startTestSimulator()
  app = await startTestApp({
    environment: {
      WEBEX_BASE_URL: simulator.url,
      WEBEX_ACCESS_TOKEN: 'faults',
      WEBEX_CALLS_PER_SECOND: '1000',
      // Six tries take up to 8 s, and may take 15: a busy machine leaves none of them out.
      RETRY_PAUSE_MS: '50',
    },
  })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: 'dGVzdHM6dGVtcGxhdGU' })
})

afterAll(async () => {
  await app.stop()
  await simulator.stop()
})

async function liveUser() {
  const { id } = await makeUser(alice.operator, template, { email: `anna-${nextNumber()}@example.com` })
  const user = await untilStatus(alice.operator, id, 'PROVISIONED')
  return { ...user, webexSubscriberId: user.webexSubscriberId as string }
}

/** The last attempt's calls. */
async function callsOf(id: string) {
  const { provisionedUser } = await alice.operator.get(UserHistoryDocument, { id })
  return provisionedUser?.attempts.nodes[0]?.steps.map(({ name, httpStatus }) => `${name} ${httpStatus}`)
}

it('goes on with an update that arrived twice at Webex, which refuses the second because the first one runs', async () => {
  const { id, webexSubscriberId } = await liveUser()
  await simulator.setFaults({ kind: 'twice', methods: ['PUT'], path: webexSubscriberId })
  await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
  expect(await untilStatus(alice.operator, id, 'PROVISIONED', 'ERROR')).toMatchObject({ status: 'PROVISIONED', packageType: 'PREMIUM' })
  expect(await callsOf(id)).toEqual(['update 409', 'look-up 200', 'follow 200'])
})

it('sends an update again that met another one, and ends it when Webex refuses it although it is at nothing', async () => {
  const { id, webexSubscriberId } = await liveUser()
  await simulator.setFaults({ kind: 'fail', httpStatus: 409, methods: ['PUT'], path: webexSubscriberId })
  await alice.operator.get(ChangePackageTypeDocument, { input: { userId: id, packageType: 'PREMIUM' } })
  expect(await untilStatus(alice.operator, id, 'PROVISIONED', 'ERROR')).toMatchObject({ status: 'ERROR', errors: [{ httpStatus: 409 }] })
  const calls = await callsOf(id)
  expect(calls?.slice(0, 3)).toEqual(['update 409', 'look-up 200', 'update 409'])
  expect(calls?.filter(call => call === 'update 409')).toHaveLength(6)
})

it('does not begin anew where the creation whose answer was lost came to an error that stays', async () => {
  await simulator.setFaults(
    { kind: 'drop-after', methods: ['POST'], times: 1 },
    // Until the work behind it has ended.
    { kind: 'fail', httpStatus: 503, path: 'userId=', times: 3 },
  )
  const { id, broadworksId } = await makeUser(alice.operator, template, { email: `error-200048-${nextNumber()}@example.com` })
  expect(await untilStatus(alice.operator, id, 'PROVISIONED', 'ERROR')).toMatchObject({ status: 'ERROR', errors: [{ code: 200048 }] })
  expect(await callsOf(id)).toEqual(['create null', 'look-up 503', 'look-up 503', 'look-up 503', 'look-up 200', 'follow 200'])
  const { items } = (await simulator.tool('GET', '/ledger/summary?max=1000')).body as { items: { userId: string }[] }
  expect(items.filter(({ userId }) => userId === broadworksId)).toMatchObject([{ creates: 1, deletes: 0, live: 1 }])
})
