import { ConfigurationError } from '../../config/config'
import { type Acting, type Platform } from '../../context/context'
import { WebexClient } from '../../webex/webex-client'
import { type Credentials, renewTokens } from '../../webex/token-endpoint'
import { timestamp } from '../../shared/clock'
import { decrypt, encrypt } from '../../shared/encryption'
import { refuse, UserErrorCode } from '../../shared/errors'
import { recordAudit } from '../audit-event/audit-event.service'
import { connectionLock, keepTokens, storeConnection } from './connection-renewal'
import { listPartners, severalPartners } from './partner.service'
import { WebexConnection } from './webex-connection.entity'

export type GivenConnection = Credentials | { baseUrl: string; accessToken: string }

/**
 * Connects a partner, in place of whatever connection it had. Webex is asked first, so a connection that is kept has worked once.
 * @throws WebexError when Webex does not accept it; nothing is changed then
 */
export async function connectPartner(platform: Platform, partnerId: string, given: GivenConnection): Promise<WebexConnection> {
  return platform.database.withLock(connectionLock(partnerId), async () => {
    if ('accessToken' in given) {
      await new WebexClient(given).listEnterprises()
      const row = tokenRow(platform, partnerId, given)
      await storeConnection(platform, row, COMMAND_LINE)
      return row
    }
    return keepTokens(platform, { partnerId, credentials: given, settingHash: null }, await renewTokens(given), COMMAND_LINE)
  })
}

/** Forgets a partner's own connection. @returns whether there was one */
export async function disconnectPartner(platform: Platform, partnerId: string): Promise<boolean> {
  const { database } = platform
  return database.withLock(connectionLock(partnerId), () =>
    database.transaction(async tx => {
      const before = await tx.manager.findOneBy(WebexConnection, { partnerId })
      if (!before) return false
      await tx.manager.delete(WebexConnection, { partnerId })
      const ctx = { ...platform, actor: { partnerId, name: COMMAND_LINE, requestId: null } }
      await recordAudit(ctx, tx, { action: 'disconnectPartner', targetId: partnerId, targetLabel: before.baseUrl })
      return true
    }),
  )
}

/** Partners are connected by commands only. */
const COMMAND_LINE = 'command line'

/** @throws Refusal UPSTREAM_REFUSED when the partner has no connection to Webex, or one that can only read */
export type RequireWritable = () => Promise<void>

/** A check that looks the connection up once, however many users it is asked for. */
export function writableCheck({ webex, actor }: Pick<Acting, 'webex' | 'actor'>): RequireWritable {
  let status: ReturnType<typeof webex.status> | undefined
  return async () => {
    const { readOnlyReason } = await (status ??= webex.status(actor.partnerId))
    if (readOnlyReason) throw refuse(UserErrorCode.UPSTREAM_REFUSED, [], readOnlyReason, 'WEBEX_READ_ONLY')
  }
}

/**
 * For the start of a server.
 * @throws ConfigurationError when the settings' connection would be that of several partners
 * @throws Error in plain words when what the database has was encrypted with a key that is not given
 */
export async function prepareConnections(platform: Platform): Promise<void> {
  const partners = await listPartners(platform)
  if (platform.config.webex && partners.length > 1) throw new ConfigurationError([severalPartners(partners)])
  for (const { encryptedWebexToken } of partners) decrypt(platform.config.encryptionKeys, encryptedWebexToken)
  await platform.webex.prepare(partners.map(({ id }) => id))
}

/** A line for each partner at whose Webex nothing can be changed. */
export async function readOnlyNotes(platform: Platform): Promise<string[]> {
  const notes = (await listPartners(platform)).map(async ({ id, name }) => {
    const { readOnlyReason } = await platform.webex.status(id)
    return readOnlyReason === null ? [] : [`${name}: ${readOnlyReason}`]
  })
  return (await Promise.all(notes)).flat()
}

function tokenRow(
  { config: { encryptionKeys }, clock }: Platform,
  partnerId: string,
  { baseUrl, accessToken }: { baseUrl: string; accessToken: string },
): WebexConnection {
  return {
    partnerId,
    baseUrl,
    clientId: null,
    encryptedClientSecret: null,
    encryptedRefreshToken: null,
    encryptedAccessToken: encrypt(encryptionKeys, accessToken),
    renewAt: null,
    accessTokenExpiresAt: null,
    scope: null,
    settingHash: null,
    updatedAt: timestamp(clock.now()),
  }
}
