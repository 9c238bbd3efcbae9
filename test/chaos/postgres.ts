import { Client } from 'pg'
import { eventually } from '../support/world/waiting'

/** Has the PostgreSQL of the test run stop, stay away for a while, and start again; waits until it answers. */
export async function restartPostgres(): Promise<void> {
  const before = await startedAt()
  process.kill(Number(process.env['TEST_POSTGRES_PROCESS']), 'SIGUSR2')
  await eventually(async () => {
    const now = await startedAt().catch(() => before)
    return now !== before
  }, 60_000)
}

async function startedAt(): Promise<string> {
  const client = new Client({ connectionString: process.env['TEST_POSTGRES_URL'] })
  // A connection that is cut while it is being closed is no failure of ours.
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ at: string }>('SELECT pg_postmaster_start_time()::text AS at')
  await client.end()
  return rows[0]?.at ?? ''
}
