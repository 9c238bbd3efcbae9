import { WebexClient } from './webex-client'

/** The connection of each partner to its Webex organisation. */
export interface WebexConnections {
  /** The client that speaks for this partner. */
  of(partnerId: string): Promise<WebexClient>
}

/** One connection for all, from the settings: an installation for a single partner. */
export function configuredConnection(baseUrl: string, accessToken: string): WebexConnections {
  const client = new WebexClient({ baseUrl, accessToken })
  return { of: async () => client }
}

/** Each partner with an access token of its own, read once. */
export function connectionsByPartner(baseUrl: () => string, accessTokenOf: (partnerId: string) => Promise<string>): WebexConnections {
  const clients = new Map<string, WebexClient>()
  return {
    async of(partnerId) {
      const known = clients.get(partnerId)
      if (known) return known
      const client = new WebexClient({ baseUrl: baseUrl(), accessToken: await accessTokenOf(partnerId) })
      clients.set(partnerId, client)
      return client
    },
  }
}
