import { ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import type { JobPayload } from '../../../src/queue/job-queue'
import { startUpstream, type Upstream } from '../../support/fakes/upstream'
import { startTestApp, type TestApp, type TestPartner } from '../../support/world/app'
import { makeTemplate, makeUser, nextNumber, untilStatus } from '../../support/world/builders'

// Payloads as the commits 0587826 and 0f75c88 enqueued them. Databases of either version hold such jobs when they are upgraded.
let upstream: Upstream
let app: TestApp
let alice: TestPartner
let template: string

beforeAll(async () => {
  upstream = await startUpstream()
  app = await startTestApp({ environment: upstream.environment })
  alice = await app.addPartner()
  template = await makeTemplate(alice.admin, { provisioningId: upstream.provisioningId })
})
afterAll(async () => {
  await app.stop()
  await upstream.stop()
})

/** Replaces the payloads of all waiting jobs of a name. */
async function rewriteJobs(name: string, payloadOf: (payload: JobPayload) => JobPayload): Promise<void> {
  const isTable = app.platform.database.kind === 'sqlite'
  const read = isTable
    ? 'SELECT id, payload FROM job WHERE name = ?'
    : `SELECT id, data FROM flowthrough_queue.job WHERE data->>'name' = $1`
  const write = isTable
    ? 'UPDATE job SET payload = ? WHERE id = ?'
    : `UPDATE flowthrough_queue.job SET data = jsonb_set(data, '{payload}', $1::jsonb) WHERE id = $2`
  await app.platform.database.transaction(async ({ manager }) => {
    const jobs = await manager.query<{ id: string; payload?: string; data?: { payload: JobPayload } }[]>(read, [name])
    expect(jobs.length).toBeGreaterThan(0)
    for (const { id, payload, data } of jobs) {
      const before = data?.payload ?? (JSON.parse(payload ?? '') as JobPayload)
      await manager.query(write, [JSON.stringify(payloadOf(before)), id])
    }
  })
}

/** A user whose first job waits while no queue runs. */
async function userBeforeUpgrade(rule: string): Promise<{ id: string; email: string }> {
  await app.platform.queue.stop()
  const email = `${rule}-${nextNumber()}@example.com`
  const { id } = await makeUser(alice.operator, template, { email })
  return { id, email }
}

it.each([
  ['of the first release, without a version', ({ attemptId }: JobPayload) => ({ attemptId: attemptId ?? null })],
  ['with a turn, as text', ({ attemptId, version }: JobPayload) => ({ attemptId: attemptId ?? null, turn: String(version) })],
])('a job %s goes on with its attempt', async (_, older) => {
  const { id } = await userBeforeUpgrade('anna')
  await rewriteJobs('advance-attempt', older)
  await app.platform.queue.start()
  await untilStatus(alice.operator, id, 'PROVISIONED')
})

it('a watch for consent of the first release, without a time of the check, goes on', async () => {
  const { id, email } = await userBeforeUpgrade('consumer')
  await app.platform.queue.start()
  await untilStatus(alice.operator, id, 'PENDING_USER_MIGRATION')
  await app.platform.queue.stop()
  const { consentMailedAt } = await app.platform.database.reader.findOneByOrFail(ProvisionedUser, { id })
  await rewriteJobs('watch-consent', ({ userId }) => ({ userId: userId ?? null, mailedAt: consentMailedAt }))
  await app.platform.database.transaction(({ manager }) => manager.update(ProvisionedUser, { id }, { consentCheckAt: null }))
  await app.platform.queue.start()
  await upstream.consent(email)
  await untilStatus(alice.operator, id, 'PROVISIONED')
})
