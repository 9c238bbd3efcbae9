import { setTimeout as sleep } from 'node:timers/promises'
import { type CallLimits, CallGate } from '../../webex/call-gate'
import { type AccessTokens, WebexClient } from '../../webex/webex-client'
import type { WebexConnections } from '../../webex/webex-connections'
import { refusedHere, WebexError } from '../../webex/webex-error'
import { ConnectionRenewal } from './connection-renewal'
import { webexTokenOf } from './partner.service'
import { type Connection, type ConnectionHost, findConnection, type Integration, readOnlyReasonOf } from './partner-connection'

/** A server starts also while Webex does not answer. */
const PREPARATION_MAX_MS = 5000

/**
 * The connections of all partners (docs/adr/0015). A connection is read from the database whenever it is needed, because another process
 * may have renewed or replaced it; what it may do and how busy it is, is kept in this process.
 * @param simulatorUrl where the simulator of this process listens
 */
export function createPartnerConnections(host: ConnectionHost, simulatorUrl: () => string): WebexConnections {
  const { config, logger } = host
  const renewal = new ConnectionRenewal(host)
  const gates = new Map<string, CallGate>()
  const reasons = new Map<string, string | null>()

  async function look(partnerId: string): Promise<Connection> {
    return note(partnerId, await findConnection(host, partnerId))
  }

  function note<Seen extends Connection>(partnerId: string, connection: Seen): Seen {
    reasons.set(partnerId, readOnlyReasonOf(config, connection))
    return connection
  }

  function gateOf(partnerId: string, limits: CallLimits): CallGate {
    const known = gates.get(partnerId)
    const gate = known ?? new CallGate(limits)
    gates.set(partnerId, gate)
    return gate
  }

  function renewedTokens(partnerId: string, integration: Integration): AccessTokens {
    const token = async (renewed: Promise<Integration>) => note(partnerId, await renewed).accessToken ?? ''
    return {
      current: () => token(renewal.upToDate(partnerId, integration)),
      renew: refused => token(renewal.renew(partnerId, integration, { stale: refused, isRefused: true })),
    }
  }

  function addressOf(partnerId: string, connection: Connection): { baseUrl: string; accessToken: string | AccessTokens } {
    switch (connection.kind) {
      case 'token':
        return connection
      case 'integration':
        return { baseUrl: connection.credentials.baseUrl, accessToken: renewedTokens(partnerId, connection) }
      case 'simulator': {
        // Decrypted for a call only: a command that makes none may have been started without the server's key.
        const current = () => webexTokenOf(host.database, config.encryptionKeys, partnerId)
        return { baseUrl: simulatorUrl(), accessToken: { current, renew: refused => Promise.resolve(refused) } }
      }
      case 'none': {
        const refuse = () => Promise.reject(refusedHere(401, connection.reason))
        return { baseUrl: '', accessToken: { current: refuse, renew: refuse } }
      }
    }
  }

  return {
    async of(partnerId) {
      const connection = await look(partnerId)
      const { baseUrl, accessToken } = addressOf(partnerId, connection)
      // A simulator of our own needs no protection.
      const gate =
        connection.kind === 'simulator'
          ? gateOf(`${partnerId} simulated`, { ...config.webexLimits, callsPerSecond: null })
          : gateOf(partnerId, config.webexLimits)
      return new WebexClient({
        baseUrl,
        accessToken,
        gate,
        readOnlyReason: () => reasons.get(partnerId) ?? null,
        timeoutMs: config.webexTimeoutMs,
      })
    },
    async status(partnerId) {
      const connection = await look(partnerId)
      return { isSimulated: connection.kind === 'simulator', readOnlyReason: reasons.get(partnerId) ?? null }
    },
    readOnlyReason: partnerId => reasons.get(partnerId) ?? null,
    async prepare(partnerIds) {
      const prepareOne = async (partnerId: string) => {
        const connection = await look(partnerId)
        if (connection.kind === 'integration') {
          const patience = sleep(PREPARATION_MAX_MS, null, { ref: false })
          const renewed = await Promise.race([renewal.upToDate(partnerId, connection), patience])
          if (renewed) note(partnerId, renewed)
        }
        const readOnlyReason = reasons.get(partnerId)
        if (readOnlyReason) logger.warn({ partnerId, readOnlyReason }, 'The connection of a partner to Webex is read-only.')
      }
      const failures = (await Promise.allSettled(partnerIds.map(prepareOne))).filter(({ status }) => status === 'rejected')
      // What Webex refuses or does not answer is in the log; the server starts, and tries again when there is something to do.
      for (const { reason } of failures as PromiseRejectedResult[]) if (!(reason instanceof WebexError)) throw reason
    },
    stop: () => renewal.settled(),
  }
}
