import { createHash } from 'node:crypto'
import type { WebexSettings } from '../../config/config'
import { readRow, selectRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import type { Credentials } from '../../webex/token-endpoint'
import type { Timestamp } from '../../shared/clock'
import { decrypt, type KeyRing } from '../../shared/encryption'
import { listPartners, severalPartners } from './partner.service'
import { WebexConnection } from './webex-connection.entity'

/** What connections are made of; there is no queue without them. */
export type ConnectionHost = Pick<Platform, 'config' | 'database' | 'clock' | 'logger'>

/** An integration of Webex, with the access token that it has at the moment. */
export interface Integration {
  kind: 'integration'
  credentials: Credentials
  accessToken: string | null
  renewAt: Timestamp | null
  expiresAt: Timestamp | null
  scope: string | null
  settingHash: string | null
  /** Tells what was stored before from what is stored now. */
  version: string
}

export type Connection =
  Integration | { kind: 'token'; baseUrl: string; accessToken: string } | { kind: 'simulator' } | { kind: 'none'; reason: string }

/** The scope that creates, changes and deletes. Source: Cisco's OpenAPI of Webex for BroadWorks. */
const WRITE_SCOPE = 'spark-admin:broadworks_subscribers_write'

/** How a partner is connected: by its own connection, else by the settings, else to the simulator where there is one. */
export async function findConnection(host: ConnectionHost, partnerId: string): Promise<Connection> {
  const { config, database } = host
  const { webex: settings, encryptionKeys, simulates } = config
  const stored = await readRow(selectRows(database.reader, WebexConnection, 'row').where('row.partnerId = :partnerId', { partnerId }))
  if (stored && stored.settingHash === null) return ownConnection(encryptionKeys, stored)
  if (settings) {
    const partners = await listPartners(host)
    return partners.length > 1
      ? { kind: 'none', reason: severalPartners(partners) }
      : connectionOfSettings(encryptionKeys, settings, stored)
  }
  if (simulates) return { kind: 'simulator' }
  return { kind: 'none', reason: 'This partner is not connected to Webex; connect it with: flowthrough partner connect' }
}

/** Why nothing can be changed through this connection; null when it can, as far as we know. */
export function readOnlyReasonOf({ webexReadOnly }: ConnectionHost['config'], connection: Connection): string | null {
  if (connection.kind === 'none') return connection.reason
  if (webexReadOnly) {
    return 'This server only reads from Webex, because WEBEX_READ_ONLY is set. To change anything, start it without that setting.'
  }
  if (connection.kind !== 'integration' || connection.scope === null || connection.scope.split(' ').includes(WRITE_SCOPE)) return null
  return (
    `The connection to Webex can only read, because its integration lacks the scope ${WRITE_SCOPE}. ` +
    'Add the scope to the integration, authorize it again, and connect with its new refresh token.'
  )
}

function ownConnection(keys: KeyRing, stored: WebexConnection): Connection {
  const { baseUrl, clientId, encryptedClientSecret, encryptedRefreshToken, encryptedAccessToken } = stored
  if (clientId === null || encryptedClientSecret === null || encryptedRefreshToken === null) {
    return { kind: 'token', baseUrl, accessToken: decrypt(keys, encryptedAccessToken) }
  }
  const credentials = {
    baseUrl,
    clientId,
    clientSecret: decrypt(keys, encryptedClientSecret),
    refreshToken: decrypt(keys, encryptedRefreshToken),
  }
  return { kind: 'integration', credentials, settingHash: null, ...tokensOf(keys, stored) }
}

/** What was renewed goes on as long as the setting is the one that it was renewed from. */
function connectionOfSettings(keys: KeyRing, settings: WebexSettings, stored: WebexConnection | null): Connection {
  const { baseUrl, accessToken, integration } = settings
  if (!integration) return { kind: 'token', baseUrl, accessToken: accessToken ?? '' }
  const settingHash = createHash('sha256').update(integration.refreshToken).digest('hex')
  const credentials = { baseUrl, ...integration }
  if (stored?.settingHash !== settingHash || stored.encryptedRefreshToken === null) {
    const none = { accessToken: null, renewAt: null, expiresAt: null, scope: null }
    return { kind: 'integration', credentials, settingHash, version: settingHash, ...none }
  }
  const refreshToken = decrypt(keys, stored.encryptedRefreshToken)
  return { kind: 'integration', credentials: { ...credentials, refreshToken }, settingHash, ...tokensOf(keys, stored) }
}

function tokensOf(keys: KeyRing, { encryptedAccessToken, renewAt, accessTokenExpiresAt, scope }: WebexConnection) {
  return {
    accessToken: decrypt(keys, encryptedAccessToken),
    renewAt,
    expiresAt: accessTokenExpiresAt,
    scope,
    // Encrypted anew, even the same token reads differently.
    version: encryptedAccessToken,
  }
}
