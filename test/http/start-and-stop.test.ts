import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type App, startApp } from '../../src/app'
import { type Config, loadConfig } from '../../src/config/config'
import { testLogger } from '../support/jest/test-log'
import { createTestDatabase, type TestDatabase } from '../support/world/app'

let database: TestDatabase
let occupant: Server

beforeAll(async () => {
  database = await createTestDatabase()
  occupant = createServer()
  await new Promise<void>(resolve => occupant.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  occupant.close()
  await database.remove()
})

function configOf(port: number, simulatorPath = 'simulator.db'): Config {
  const config = loadConfig({ DATABASE_URL: database.url, HOST: '127.0.0.1', PORT: String(port), DEMO_DATA: 'off' }, database.directory)
  return { ...config, simulator: { ...config.simulator, databasePath: `${database.directory}/${simulatorPath}` } }
}

const start = (config: Config): Promise<App> => startApp(config, { logger: testLogger() })

describe('A start that fails', () => {
  it('closes what it opened, so that the next one finds the database free', async () => {
    const { port } = occupant.address() as AddressInfo
    await expect(start(configOf(port))).rejects.toThrow('EADDRINUSE')
    const app = await start(configOf(0))
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200)
    await app.stop()
  })

  it('does so also when the simulator or the database is what fails', async () => {
    await expect(start(configOf(0, '.'))).rejects.toMatchObject({ code: 'SQLITE_CANTOPEN' })
    const { database: valid } = configOf(0)
    const elsewhere = valid.kind === 'sqlite' ? { ...valid, path: database.directory } : { ...valid, url: 'postgres://127.0.0.1:1/none' }
    const message = await start({ ...configOf(0), database: elsewhere }).then(
      () => 'It started.',
      (error: Error) => error.message,
    )
    expect(message).toMatch(/unable to open|ECONNREFUSED/)
    const app = await start(configOf(0))
    await app.stop()
  })
})

describe('A server that stops', () => {
  it('accepts no request any more, and frees what it held', async () => {
    const app = await start(configOf(0))
    const { url } = app
    await app.stop()
    await app.stop()
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
    await expect(app.platform.database.transaction(({ manager }) => manager.query('SELECT 1'))).rejects.toThrow()
    await (await start(configOf(0))).stop()
  })
})
