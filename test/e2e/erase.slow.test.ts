import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createActor } from '../support/world/actor'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { makeTemplate, nextNumber } from '../support/world/builders'
import { AuditEventsDocument, DeleteUserDocument, FindTemplateDocument, FindUserDocument } from '../support/operations/operations.generated'
import { BUILD_TIMEOUT_MS, ensureBuilt, runTool, serverUrl, startServer, useTool } from '../support/processes/processes'

let database: TestDatabase

beforeAll(async () => {
  await ensureBuilt()
  database = await createTestDatabase()
}, BUILD_TIMEOUT_MS)
afterAll(() => database.remove())

describe('flowthrough erase', () => {
  it('erases whom a running server has deleted, and nobody else', async () => {
    const environment = { DATABASE_URL: database.url, LOG_LEVEL: 'fatal', DEMO_DATA: 'off', PORT: '0' }
    const place = { directory: database.directory, environment }
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place)
    const token = await useTool(['token', 'create', '--role', 'ADMIN'], place)
    const server = startServer(place)
    try {
      const admin = createActor(await serverUrl(server), token)
      const { onboardingTemplate } = await admin.get(FindTemplateDocument, { id: await makeTemplate(admin) })
      const broadworksId = `zelda.${nextNumber()}@provider.example`
      const file = path.join(place.directory, 'users.csv')
      writeFileSync(file, `broadworksId,spEnterpriseId,firstName,lastName,extension\n${broadworksId},SP1+acme,Zelda,Zauber,4711\n`)
      await useTool(['import', file, '--template', onboardingTemplate?.provisioningId ?? ''], place)
      const stranger = { ...place, environment: { ...environment, ENCRYPTION_KEY: 'ab'.repeat(32) } }
      for (const command of ['erase --user x', 'sync', `import ${file} --template x`]) {
        expect(await runTool(command.split(' '), stranger)).toMatchObject({
          exitCode: 1,
          stderr: expect.stringContaining('encrypted with another key') as string,
        })
      }
      const erase = () => runTool(['erase', '--user', broadworksId.toUpperCase()], place)

      const { exitCode, stderr } = await erase()
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('delete the user first')])
      const { provisionedUser } = await admin.get(FindUserDocument, { broadworksId })
      await admin.get(DeleteUserDocument, { input: { userId: provisionedUser?.id ?? '' } })
      expect(await erase()).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^Erased:\n[^]*1 users\n/) as string })
      expect(await erase()).toMatchObject({ exitCode: 0, stdout: `Nothing is kept of ${broadworksId.toUpperCase()}.\n` })

      const { auditEvents } = await admin.get(AuditEventsDocument, { filter: { targetIds: [provisionedUser?.id ?? ''] } })
      expect(auditEvents.nodes.map(({ action, targetLabel }) => [action, targetLabel])).toEqual([
        ['erased', `erased-${provisionedUser?.id}`],
        ['deleteUser', '[erased]'],
        ['handOver', '[erased]'],
      ])
    } finally {
      await server.end()
    }
  })
})
