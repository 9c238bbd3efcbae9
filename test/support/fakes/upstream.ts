import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startSimulator } from '../../../src/simulator/simulator'
import { WebexClient } from '../../../src/webex/webex-client'
import type { Subscriber } from '../../../src/webex/webex-types'
import { testLogger } from '../jest/test-log'

const ACCESS_TOKEN = 'organisation-of-the-tests'

/** A simulator that the test sees, too: what Webex holds, and the mails that it sent. */
export interface Upstream {
  /** Settings that lead a test app here. */
  environment: Record<string, string>
  /** For templates: with settings of a real Webex it cannot be generated. */
  provisioningId: string
  find(broadworksId: string): Promise<Subscriber[]>
  /** Does what the mail to this address asks for. */
  consent(email: string): Promise<void>
  mailsTo(email: string): Promise<{ link: string; state: string }[]>
  stop(): Promise<void>
}

export async function startUpstream(): Promise<Upstream> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-upstream-'))
  const simulator = await startSimulator({ databasePath: path.join(folder, 'simulator.db'), delayMs: 30, logger: testLogger() })
  const client = new WebexClient({ baseUrl: simulator.url, accessToken: ACCESS_TOKEN })
  const mailsTo: Upstream['mailsTo'] = async email => {
    const response = await fetch(`${new URL(simulator.url).origin}/simulator/outbox`)
    const { items } = (await response.json()) as { items: { to: string; link: string; state: string }[] }
    return items.filter(({ to }) => to === email)
  }
  return {
    environment: { WEBEX_BASE_URL: simulator.url, WEBEX_ACCESS_TOKEN: ACCESS_TOKEN },
    provisioningId: 'dGVzdHM6dGVtcGxhdGU',
    find: async broadworksId => (await client.findSubscribers(broadworksId)).value,
    mailsTo,
    async consent(email) {
      const mail = (await mailsTo(email)).find(({ state }) => state === 'open')
      const response = await fetch(mail?.link ?? '', { method: 'POST' })
      if (!response.ok) throw new Error(`The consent page answered ${response.status}.`)
    },
    async stop() {
      await simulator.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
