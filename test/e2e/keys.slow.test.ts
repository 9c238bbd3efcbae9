import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createTestDatabase, type TestDatabase } from '../support/world/app'
import { BUILD_TIMEOUT_MS, ensureBuilt, runTool, useTool } from '../support/processes/processes'

let database: TestDatabase

beforeAll(async () => {
  await ensureBuilt()
  database = await createTestDatabase()
}, BUILD_TIMEOUT_MS)
afterAll(() => database.remove())

describe('flowthrough keys rotate', () => {
  it('encrypts everything with the new key, so that the old one is not needed any more, and prints neither', async () => {
    const [first, second] = ['1a'.repeat(32), '2b'.repeat(32)]
    const place = (environment: Record<string, string>) => ({
      directory: database.directory,
      environment: { DATABASE_URL: database.url, LOG_LEVEL: 'trace', NODE_ENV: 'production', ...environment },
    })
    await useTool(['partner', 'create', '--name', 'Alice Telecom'], place({ ENCRYPTION_KEY: first }))
    // Reads something of the partner that is encrypted.
    const erase = (environment: Record<string, string>) => runTool(['erase', '--user', 'nobody'], place(environment))
    expect(await erase({ ENCRYPTION_KEY: second })).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('another key') as string })

    writeFileSync(path.join(database.directory, 'old-keys'), `${first}\n`)
    const rotate = () => runTool(['keys', 'rotate'], place({ ENCRYPTION_KEY: second, ENCRYPTION_KEYS_OLD_FILE: 'old-keys' }))
    const ended = await rotate()
    expect(ended).toMatchObject({ exitCode: 0, stdout: '1 rows were encrypted anew; nothing is left under another key.\n' })
    expect(ended.stdout + ended.stderr).not.toMatch(/1a1a|2b2b/)
    expect(await rotate()).toMatchObject({ exitCode: 0, stdout: '0 rows were encrypted anew; nothing is left under another key.\n' })
    expect(await erase({ ENCRYPTION_KEY: second })).toMatchObject({ exitCode: 0 })
  })
})
