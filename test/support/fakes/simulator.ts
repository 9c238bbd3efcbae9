import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startSimulator } from '../../../src/simulator/simulator'
import { WebexClient } from '../../../src/webex/webex-client'
import type { SubscriberCreation } from '../../../src/webex/webex-types'
import { nextNumber } from '../world/builders'
import { testLogger } from '../jest/test-log'

/** A simulator by itself, with its own tools at hand. */
export interface TestSimulator {
  /** The base URL of the API. */
  readonly url: string
  readonly databasePath: string
  /** Speaks for the organisation of this token; a new one where none is given. */
  client(options?: { token?: string; timeoutMs?: number }): WebexClient
  /** One of the simulator's own tools, below `/simulator`. */
  tool(method: string, target: string, body?: unknown): Promise<{ status: number; body: ToolAnswer }>
  setFaults(...rules: object[]): Promise<void>
  /** Ends it and starts it again on the same data; its address is another one then. */
  restart(): Promise<void>
  stop(): Promise<void>
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is expected of an answer stands in each test
export type ToolAnswer = any

export async function startTestSimulator(): Promise<TestSimulator> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flowthrough-simulator-'))
  const databasePath = path.join(folder, 'simulator.db')
  const start = () => startSimulator({ databasePath, delayMs: 20, logger: testLogger() })
  let simulator = await start()
  const tool: TestSimulator['tool'] = async (method, target, body) => {
    const response = await fetch(new URL(`/simulator${target}`, simulator.url), {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as ToolAnswer) }
  }
  return {
    get url() {
      return simulator.url
    },
    databasePath,
    tool,
    client: ({ token = randomUUID(), timeoutMs } = {}) =>
      new WebexClient({ baseUrl: simulator.url, accessToken: token, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    async setFaults(...rules) {
      const { status, body } = await tool('PUT', '/faults', rules)
      if (status !== 200) throw new Error(JSON.stringify(body))
    },
    async restart() {
      await simulator.stop()
      simulator = await start()
    },
    async stop() {
      await simulator.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function newSubscriber(fields: Partial<SubscriberCreation> = {}): SubscriberCreation {
  const number = nextNumber()
  return {
    provisioningId: 'dGVzdHM6dGVtcGxhdGU',
    userId: `user.${number}@provider.example`,
    spEnterpriseId: 'SP1+acme',
    firstName: 'Anna',
    lastName: 'Rossi',
    package: 'standard',
    email: `user.${number}@example.com`,
    extension: '1212',
    ...fields,
  }
}
