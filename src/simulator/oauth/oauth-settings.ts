import { z } from 'zod'
import type { Database } from '../database'
import { onlyThese } from '../request-body'

/** What Webex gives: access tokens for 14 days, less a second; and the scopes of a partner administrator who may do everything here. */
const DEFAULTS = {
  expiresInSeconds: 1_209_599,
  scope: 'spark-admin:broadworks_subscribers_read spark-admin:broadworks_subscribers_write spark-admin:broadworks_enterprises_read',
  reuseWindowSeconds: 0,
}
export type OAuthSettings = typeof DEFAULTS
type Count = 'refreshes' | 'refusals'

const seconds = (highest: number) => {
  const message = `must be a whole number from 0 to ${highest}`
  return z.int(message).min(0, message).max(highest, message).optional()
}

export const oauthSettings = z.strictObject(
  {
    expiresInSeconds: seconds(DEFAULTS.expiresInSeconds),
    scope: z.string('must be a text').max(1000, 'must have at most 1000 characters').optional(),
    reuseWindowSeconds: seconds(3600),
  },
  { error: onlyThese(Object.keys(DEFAULTS)) },
)

/** With what was counted since the settings were last taken back. */
export function readOAuthSettings(database: Database): OAuthSettings & Record<Count, number> {
  const rows = database.prepare<[], { name: string; value: unknown }>('SELECT name, value FROM oauthSettings').all()
  return { ...DEFAULTS, refreshes: 0, refusals: 0, ...Object.fromEntries(rows.map(({ name, value }) => [name, value])) }
}

export function changeOAuthSettings(database: Database, settings: z.output<typeof oauthSettings>): void {
  const statement = database.prepare('INSERT OR REPLACE INTO oauthSettings (name, value) VALUES (?, ?)')
  const change = database.transaction(() => Object.entries(settings).forEach(([name, value]) => statement.run(name, value)))
  change.immediate()
}

export function takeBackOAuthSettings(database: Database): void {
  database.exec('DELETE FROM oauthSettings')
}

export function countRefresh(database: Database, count: Count): void {
  database.prepare('INSERT INTO oauthSettings (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1').run(count)
}
