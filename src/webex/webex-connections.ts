import type { WebexClient } from './webex-client'

/** What is known of a partner's connection. */
export interface ConnectionStatus {
  /** Its Webex is the simulator of this server. */
  isSimulated: boolean
  /** Why nothing can be changed at its Webex, and what to do about it; null when it can. */
  readOnlyReason: string | null
}

/** The connection of each partner to its Webex organisation. */
export interface WebexConnections {
  /** The client that speaks for this partner, as it is connected now. Without a connection its calls are refused with 401. */
  of(partnerId: string): Promise<WebexClient>
  /** Looks at how the partner is connected now. */
  status(partnerId: string): Promise<ConnectionStatus>
  /** `readOnlyReason` as this process saw it last, without a look; null before the first. */
  readOnlyReason(partnerId: string): string | null
  /** Looks at the connections of these partners and renews what is due, so that it is known what they may do. */
  prepare(partnerIds: string[]): Promise<void>
  /** Waits for renewals that are under way: what they bring has to be kept. */
  stop(): Promise<void>
}
