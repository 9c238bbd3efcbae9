import { randomUUID } from 'node:crypto'
import {
  ActivationAttempt,
  AttemptOutcome,
  AttemptPhase,
  AttemptTrigger,
} from '../../../src/features/activation-attempt/activation-attempt.entity'
import { AuditEvent } from '../../../src/features/audit-event/audit-event.entity'
import { Customer } from '../../../src/features/customer/customer.entity'
import { PackageType } from '../../../src/provisioning/package-type'
import { EmailOrigin, ProvisionedUser } from '../../../src/features/provisioned-user/provisioned-user.entity'
import { NEW_USER } from '../../../src/features/provisioned-user/provisioned-user.creation'
import { derivedColumns } from '../../../src/features/provisioned-user/user-fields'
import { UserStatus } from '../../../src/provisioning/lifecycle'
import { newId } from '../../../src/shared/ids'
import { comparisonKey, searchText } from '../../../src/shared/text'
import type { TestApp } from '../world/app'
import { nextNumber } from '../world/builders'

/** Rows for tests of lists go into the tables directly: only so can they have equal times, old times and every kind of error. */
type UserRow = Partial<Omit<ProvisionedUser, 'customerId' | 'partnerId' | 'onboardingTemplateId'>>

const LONG_AGO = '2026-03-01T10:00:00.000Z'

export async function insertCustomers(
  app: TestApp,
  partnerId: string,
  onboardingTemplateId: string,
  rows: Partial<Pick<Customer, 'name' | 'spEnterpriseId' | 'createdAt'>>[],
): Promise<Customer[]> {
  const customers = rows.map(row => {
    const { name, spEnterpriseId, createdAt } = { name: 'Acme', spEnterpriseId: `SP+${nextNumber()}`, createdAt: LONG_AGO, ...row }
    const times = { createdAt, updatedAt: createdAt }
    const keys = { nameKey: comparisonKey(name), searchText: searchText(name, spEnterpriseId) }
    return { id: newId('Customer'), partnerId, onboardingTemplateId, name, spEnterpriseId, webexOrgId: null, ...keys, ...times }
  })
  await app.platform.database.transaction(({ manager }) => manager.insert(Customer, customers))
  return customers
}

export async function insertUsers(app: TestApp, customer: Customer, rows: UserRow[]): Promise<ProvisionedUser[]> {
  const users = rows.map((row): ProvisionedUser => {
    const given = {
      ...NEW_USER,
      id: newId('ProvisionedUser'),
      partnerId: customer.partnerId,
      customerId: customer.id,
      onboardingTemplateId: customer.onboardingTemplateId,
      broadworksId: `${nextNumber()}@rows.example`,
      firstName: 'Anna',
      lastName: 'Rossi',
      email: null,
      emailOrigin: null,
      primaryPhoneNumber: null,
      mobilePhoneNumber: null,
      extension: '1000',
      packageType: PackageType.STANDARD,
      status: UserStatus.PENDING_EMAIL_INPUT,
      lastStatusChange: LONG_AGO,
      deletedAt: null,
      revision: 1,
      createdAt: LONG_AGO,
      updatedAt: LONG_AGO,
      ...row,
    }
    const emailOrigin = given.emailOrigin ?? (given.email === null ? null : EmailOrigin.SUBMITTED)
    return { ...given, emailOrigin, ...derivedColumns({ ...given, emailOrigin }) }
  })
  await inBatches(users, batch => app.platform.database.transaction(({ manager }) => manager.insert(ProvisionedUser, batch as never)))
  return users
}

/** As `deleteUser` leaves them. */
export async function deleteUsers(app: TestApp, users: readonly { id: string }[]): Promise<void> {
  const deletedAt = new Date().toISOString()
  await app.platform.database.transaction(async ({ manager }) => {
    for (const { id } of users) {
      await manager.update(ProvisionedUser, { id }, { deletedAt, deletionEndedAt: deletedAt, unfinished: false })
    }
  })
}

export async function insertAttempts(
  app: TestApp,
  user: ProvisionedUser,
  startTimes: string[],
): Promise<{ id: string; startedAt: string }[]> {
  const attempts = startTimes.map(startedAt => ({
    id: newId('ActivationAttempt'),
    partnerId: user.partnerId,
    provisionedUserId: user.id,
    trigger: AttemptTrigger.ADMIN,
    actor: 'tests',
    email: null,
    outcome: AttemptOutcome.FAILED,
    phase: AttemptPhase.CREATE,
    startedAt,
    endedAt: startedAt,
    upstreamErrors: [],
    steps: [],
  }))
  await inBatches(attempts, batch => app.platform.database.transaction(({ manager }) => manager.insert(ActivationAttempt, batch)))
  return attempts
}

export async function insertEvents(app: TestApp, user: ProvisionedUser, times: string[]): Promise<{ id: string; at: string }[]> {
  const events = times.map(at => ({
    id: newId('AuditEvent'),
    partnerId: user.partnerId,
    at,
    actor: 'tests',
    action: 'statusChanged',
    targetId: user.id,
    targetLabel: user.broadworksId,
    customerId: user.customerId,
    changes: [],
    requestId: randomUUID(),
  }))
  await inBatches(events, batch => app.platform.database.transaction(({ manager }) => manager.insert(AuditEvent, batch)))
  return events
}

async function inBatches<Row>(rows: Row[], insert: (batch: Row[]) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < rows.length; first += 200) await insert(rows.slice(first, first + 200))
}

export interface PageArguments {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

export interface Page {
  totalCount: number | null
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  edges: { cursor: string; node: { id: string } }[]
  nodes: { id: string }[]
}

export type ReadPage = (page: PageArguments) => Promise<Page | null | undefined>

export function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id)
}

/** How both databases have to sort: by code point, which JavaScript's own `<` does not do beyond U+FFFF; ties by ID. */
export function inOrder<Row extends { id: string }>(rows: readonly Row[], keyOf: (row: Row) => string, direction: 'ASC' | 'DESC'): Row[] {
  const sorted = [...rows].sort((one, other) => byCodePoint(keyOf(one), keyOf(other)) || byCodePoint(one.id, other.id))
  return direction === 'ASC' ? sorted : sorted.reverse()
}

/** The key that the API's conventions promise for texts, worked out here once more: NFC, lower case. */
export function sortKey(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC')
}

function byCodePoint(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** Reads a whole list page by page. Answers the IDs in the order of the list, whichever way it was walked. */
export async function walk(
  read: ReadPage,
  size: number,
  way: 'forward' | 'backward',
  betweenPages?: () => Promise<void>,
): Promise<string[]> {
  const pages: string[][] = []
  for (let cursor: string | null = null; ;) {
    const page = await read(way === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor })
    if (!page) throw new Error('The list is not there.')
    pages.push(idsOf(page.edges.map(({ node }) => node)))
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo
    cursor = way === 'forward' ? endCursor : startCursor
    if (!(way === 'forward' ? hasNextPage : hasPreviousPage)) break
    if (pages.length > 1000) throw new Error('The list does not end.')
    await betweenPages?.()
  }
  return (way === 'forward' ? pages : pages.reverse()).flat()
}
