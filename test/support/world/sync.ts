import { randomUUID } from 'node:crypto'
import { openSimulatorStore, type SubscriberRow } from '../../../src/simulator/store'
import type { WebexClient } from '../../../src/webex/webex-client'
import { enterpriseId, organizationId, personId, subscriberId } from '../../../src/webex/webex-identifiers'
import type { TestApp, TestPartner } from './app'
import { nextNumber } from './builders'
import {
  StartSyncDocument,
  SyncDocument,
  type SyncedUsersQuery,
  SyncedUsersDocument,
  type SyncRowFragment,
} from '../operations/operations.generated'
import { eventually } from './waiting'

export type SyncedUser = SyncedUsersQuery['provisionedUsers']['nodes'][number]

/** The enterprise of subscribers that name no other. */
export const ENTERPRISE = { spEnterpriseId: 'SP1+acme', provisioningId: 'cHJvdmlzaW9uaW5nOmFjbWU' }

const DAY_MS = 24 * 3_600_000

/** A subscriber as Webex may have it, provisioned days ago. */
export function subscriberRow(row: Partial<SubscriberRow> = {}): SubscriberRow {
  const number = nextNumber()
  const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString()
  return {
    id: subscriberId(randomUUID()),
    personId: row.status === undefined || row.status === 'provisioned' ? personId(randomUUID()) : null,
    userId: `user.${number}@provider.example`,
    ...ENTERPRISE,
    firstName: 'Anna',
    lastName: 'Rossi',
    email: `anna.${number}@example.com`,
    primaryPhoneNumber: '+39-02-5550123',
    package: 'standard',
    status: 'provisioned',
    created: day(20),
    lastStatusChange: day(10),
    ...row,
  }
}

/** Puts subscribers into the partner's organisation in the simulator, with their enterprises. */
export function putAtWebex(app: TestApp, { webexToken }: TestPartner, rows: SubscriberRow[]): void {
  const store = openSimulatorStore(app.platform.config.simulator.databasePath)
  const enterprises = new Map(rows.map(({ spEnterpriseId, provisioningId }) => [spEnterpriseId, provisioningId]))
  store.putEnterprises(
    webexToken,
    [...enterprises].map(([spEnterpriseId, provisioningId]) => ({
      id: enterpriseId(randomUUID()),
      orgId: organizationId(randomUUID()),
      spEnterpriseId,
      provisioningId,
    })),
  )
  store.putSubscribers(webexToken, rows)
  store.close()
}

/** What the partner can do at Webex past this server, as Partner Hub can. */
export function webexOf(app: TestApp, { partnerId }: TestPartner): Promise<WebexClient> {
  return app.platform.webex.of(partnerId)
}

/** Runs a sync to its end. */
export async function runSync({ admin }: TestPartner, { full = false } = {}): Promise<SyncRowFragment> {
  const { startSync } = await admin.get(StartSyncDocument, { input: { full } })
  if (!startSync?.sync) throw new Error(JSON.stringify(startSync?.userErrors))
  return untilSynced({ admin })
}

export async function untilSynced({ admin }: Pick<TestPartner, 'admin'>): Promise<SyncRowFragment> {
  return eventually(async () => {
    const { sync } = await admin.get(SyncDocument)
    return sync.state === 'RUNNING' ? null : sync
  })
}

/** The partner's users, by BroadWorks ID. */
export async function syncedUsers({ viewer }: Pick<TestPartner, 'viewer'>): Promise<SyncedUser[]> {
  return (await viewer.get(SyncedUsersDocument)).provisionedUsers.nodes
}

export async function syncedUser(partner: Pick<TestPartner, 'viewer'>, broadworksId: string): Promise<SyncedUser | undefined> {
  return (await syncedUsers(partner)).find(user => user.broadworksId === broadworksId)
}
