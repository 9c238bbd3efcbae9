import { randomBytes } from 'node:crypto'
import type { Database } from '../database'
import { readOAuthSettings } from './oauth-settings'
import { organisationKey } from '../organisation'

export const TOKEN_PATH = '/access_token'

export interface Grant {
  organisation: string
  mayWrite: boolean
}

/** The body of an answer of the token endpoint. */
export interface IssuedTokens {
  access_token: string
  expires_in: number
  refresh_token: string
  refresh_token_expires_in: number
  token_type: 'Bearer'
  scope: string
}

interface StoredRefreshToken {
  organisation: string
  isReadOnly: number
  spentAt: number | null
}

/**
 * New tokens for a refresh token, which is spent with that; undefined for one that opens nothing. `refresh-<name>` is a refresh token that was never
 * issued: it opens the organisation that the bearer token `<name>` names.
 */
export function refresh(database: Database, refreshToken: string, now: number): IssuedTokens | undefined {
  const exchange = database.transaction(() => {
    const hash = organisationKey(refreshToken)
    const select = database.prepare<[string], StoredRefreshToken>(
      'SELECT organisation, isReadOnly, spentAt FROM refreshTokens WHERE hash = ?',
    )
    const stored = select.get(hash) ?? firstToken(refreshToken)
    const { expiresInSeconds, scope, reuseWindowSeconds } = readOAuthSettings(database)
    const isOpen = stored && (stored.spentAt === null || now - stored.spentAt < reuseWindowSeconds * 1000)
    if (!isOpen) return undefined

    const { organisation, isReadOnly, spentAt } = stored
    const put = database.prepare('INSERT OR REPLACE INTO refreshTokens (hash, organisation, isReadOnly, spentAt) VALUES (?, ?, ?, ?)')
    put.run(hash, organisation, isReadOnly, spentAt ?? now)
    const newRefreshToken = `${ISSUED_PREFIX}refresh-${randomBytes(32).toString('base64url')}`
    put.run(organisationKey(newRefreshToken), organisation, isReadOnly, null)

    const accessToken = `${ISSUED_PREFIX}${randomBytes(32).toString('base64url')}`
    const granted = isReadOnly ? withoutWrites(scope) : scope
    database.prepare('DELETE FROM accessTokens WHERE expiresAt <= ?').run(now)
    const putAccess = database.prepare('INSERT INTO accessTokens (hash, organisation, scope, expiresAt) VALUES (?, ?, ?, ?)')
    putAccess.run(organisationKey(accessToken), organisation, granted, now + expiresInSeconds * 1000)
    return {
      access_token: accessToken,
      expires_in: expiresInSeconds,
      refresh_token: newRefreshToken,
      refresh_token_expires_in: REFRESH_TOKEN_SECONDS,
      token_type: 'Bearer' as const,
      scope: granted,
    }
  })
  return exchange.immediate()
}

/** Such a token is one of the simulator's own: known and not over yet, or worth nothing. */
export function isIssuedToken(accessToken: string): boolean {
  return accessToken.startsWith(ISSUED_PREFIX)
}

export function findGrant(database: Database, accessToken: string, now: number): Grant | undefined {
  const statement = database.prepare<[string, number], { organisation: string; scope: string }>(
    'SELECT organisation, scope FROM accessTokens WHERE hash = ? AND expiresAt > ?',
  )
  const token = statement.get(organisationKey(accessToken), now)
  return token && { organisation: token.organisation, mayWrite: token.scope.split(' ').includes(WRITE_SCOPE) }
}

const ISSUED_PREFIX = 'oauth-'
const WRITE_SCOPE = 'spark-admin:broadworks_subscribers_write'
/** 90 days, as Webex says; the simulator only tells it. */
const REFRESH_TOKEN_SECONDS = 7_776_000

/** After `~` may follow anything, so that several connections can open the same organisation; the names themselves are full of dashes. */
function firstToken(refreshToken: string): StoredRefreshToken | undefined {
  const name = /^refresh-([\w.+/-]+=*)(~.*)?$/.exec(refreshToken)?.[1]
  if (name === undefined || name === 'expired') return undefined
  return { organisation: organisationKey(name), isReadOnly: name.startsWith('readonly') ? 1 : 0, spentAt: null }
}

function withoutWrites(scope: string): string {
  return scope
    .split(' ')
    .filter(one => !one.endsWith('_write'))
    .join(' ')
}
