import { setTimeout as sleep } from 'node:timers/promises'
import { refusedHere, WebexError } from '../../webex/webex-error'
import { type Credentials, type IssuedTokens, renewTokens } from '../../webex/token-endpoint'
import { timestamp } from '../../shared/clock'
import { encrypt } from '../../shared/encryption'
import { differences, recordAudit } from '../audit-event/audit-event.service'
import { type ConnectionHost, findConnection, type Integration } from './partner-connection'
import { WebexConnection } from './webex-connection.entity'

/** A tenth of its life before its end: of two weeks more than a day, so that an outage of the token endpoint harms nobody. */
const RENEWED_AHEAD = 0.1
/** How long a failure that may pass is the answer for everybody who needs the token. */
const PAUSE_AFTER_FAILURE_MS = 2000
/** A token that was renewed because Webex refused it, and is refused again, is refused for something else than its age. */
const PAUSE_AFTER_REFUSAL_MS = 60_000
/** A restart of the database takes no longer; what Webex gave is lost for good if it is not kept. */
const KEEPING_TRIES = 30
const KEEPING_PAUSE_MS = 1000

/** Who renews tokens, as the audit log shows it. */
const RENEWAL = 'webex connection'

interface Renewal {
  stale: string | null
  isRefused?: boolean
}

interface Failure {
  version: string
  error: WebexError
  until: number
}

/** Renews the tokens of integrations: one renewal at a time for each partner, in all processes at the database. */
export class ConnectionRenewal {
  private readonly host: ConnectionHost
  private readonly underWay = new Map<string, Promise<Integration>>()
  private readonly failures = new Map<string, Failure>()
  private readonly helplessUntil = new Map<string, number>()

  constructor(host: ConnectionHost) {
    this.host = host
  }

  /** The integration with a token that is valid, as far as its time tells. A renewal that is due early keeps nobody waiting. */
  async upToDate(partnerId: string, integration: Integration): Promise<Integration> {
    const { accessToken, renewAt, expiresAt } = integration
    const now = timestamp(this.host.clock.now())
    if (accessToken !== null && (renewAt === null || now < renewAt)) return integration
    const renewed = this.renew(partnerId, integration, { stale: accessToken })
    if (accessToken === null || expiresAt === null || now >= expiresAt) return renewed
    renewed.catch(() => undefined)
    return integration
  }

  /**
   * The integration with another access token than the stale one; another process may have got it already.
   * @param isRefused whether Webex refused the stale one, rather than its time being over
   * @throws WebexError with httpStatus 401 when Webex refuses for good; then it is asked no more until the connection is another one
   */
  async renew(partnerId: string, { version }: Integration, { stale, isRefused = false }: Renewal): Promise<Integration> {
    this.throwKnownFailure(partnerId, version)
    const known = this.underWay.get(partnerId)
    if (known) return known
    const renewal = this.host.database
      .withLock(connectionLock(partnerId), () => this.renewWithLock(partnerId, { stale, isRefused }))
      .finally(() => this.underWay.delete(partnerId))
    this.underWay.set(partnerId, renewal)
    return renewal
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay.values())
  }

  private async renewWithLock(partnerId: string, { stale, isRefused }: Renewal): Promise<Integration> {
    const { host } = this
    const current = await findConnection(host, partnerId)
    if (current.kind !== 'integration') throw refusedHere(401, 'The connection of this partner to Webex was changed meanwhile.')
    if (current.accessToken !== null && current.accessToken !== stale) return current
    if (isRefused && performance.now() < (this.helplessUntil.get(partnerId) ?? 0)) return current
    this.throwKnownFailure(partnerId, current.version)
    const { credentials, settingHash } = current
    const issued = await renewTokens(credentials).catch((error: unknown) => {
      if (error instanceof WebexError) this.remember(partnerId, current.version, error)
      throw error
    })
    if (isRefused) this.helplessUntil.set(partnerId, performance.now() + PAUSE_AFTER_REFUSAL_MS)
    await keepTokens(host, { partnerId, credentials, settingHash }, issued, RENEWAL)
    const renewed = await findConnection(host, partnerId)
    return renewed.kind === 'integration' ? renewed : current
  }

  private throwKnownFailure(partnerId: string, version: string): void {
    const failure = this.failures.get(partnerId)
    if (failure?.version === version && performance.now() < failure.until) throw failure.error
  }

  private remember(partnerId: string, version: string, error: WebexError): void {
    const pauseMs = error.isTransient ? Math.max(PAUSE_AFTER_FAILURE_MS, error.retryAfterMs ?? 0) : Infinity
    this.failures.set(partnerId, { version, error, until: performance.now() + pauseMs })
    const level = error.isTransient ? 'warn' : 'error'
    this.host.logger[level]({ partnerId, err: error }, 'The access token of Webex could not be renewed.')
  }
}

/** Held by whoever renews a connection or replaces it. */
export function connectionLock(partnerId: string): string {
  return `webex-${partnerId}`
}

/**
 * Stores what Webex issued, before any of it is used. The refresh token that brought it may be void already, so a process that is killed
 * between Webex's answer and this commit loses the connection: by the nature of OAuth nothing can prevent that, and the partner has to be
 * connected again. Therefore nothing is done in between, and a database that fails for the moment is tried again.
 */
export async function keepTokens(
  host: ConnectionHost,
  { partnerId, credentials, settingHash }: { partnerId: string; credentials: Credentials; settingHash: string | null },
  { accessToken, refreshToken, expiresInSeconds, scope }: IssuedTokens,
  actor: string,
): Promise<WebexConnection> {
  const { encryptionKeys } = host.config
  const now = host.clock.now()
  const afterShareOfLife = (share: number): string | null =>
    expiresInSeconds === null ? null : timestamp(new Date(now.getTime() + share * expiresInSeconds * 1000))
  const isOwn = settingHash === null
  const row: WebexConnection = {
    partnerId,
    baseUrl: credentials.baseUrl,
    clientId: isOwn ? credentials.clientId : null,
    encryptedClientSecret: isOwn ? encrypt(encryptionKeys, credentials.clientSecret) : null,
    encryptedRefreshToken: encrypt(encryptionKeys, refreshToken),
    encryptedAccessToken: encrypt(encryptionKeys, accessToken),
    renewAt: afterShareOfLife(1 - RENEWED_AHEAD),
    accessTokenExpiresAt: afterShareOfLife(1),
    scope,
    settingHash,
    updatedAt: timestamp(now),
  }
  for (let tries = 1; ; tries += 1) {
    try {
      await storeConnection(host, row, actor)
      return row
    } catch (error) {
      if (tries === KEEPING_TRIES) throw error
      await sleep(KEEPING_PAUSE_MS)
    }
  }
}

/** In place of the connection that the partner has. @param actor who is on record for it */
export async function storeConnection({ config, database, clock }: ConnectionHost, row: WebexConnection, actor: string): Promise<void> {
  const { partnerId } = row
  await database.transaction(async tx => {
    const before = await tx.manager.findOneBy(WebexConnection, { partnerId })
    await tx.manager.delete(WebexConnection, { partnerId })
    await tx.manager.insert(WebexConnection, row)
    await recordAudit({ config, clock, actor: { partnerId, name: actor, requestId: null } }, tx, {
      action: actor === RENEWAL ? 'renewWebexTokens' : 'connectPartner',
      targetId: partnerId,
      targetLabel: row.baseUrl,
      changes: differences(AUDITED, before ?? {}, row),
    })
  })
}

/** Of a connection; its secrets are told to nobody. */
const AUDITED = ['baseUrl', 'clientId', 'scope', 'accessTokenExpiresAt'] as const
