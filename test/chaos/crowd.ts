import { randomUUID } from 'node:crypto'
import { nextNumber, userItem } from '../support/world/builders'
import {
  ChangePackageTypeDocument,
  CreateOnboardingTemplateDocument,
  DeleteUserDocument,
  type PackageType,
  ProvisionUsersDocument,
  RetryActivationDocument,
  type UserRowFragment,
  type UserStatus,
} from '../support/operations/operations.generated'
import { eventually } from '../support/world/waiting'
import { inTens, type World } from './world'

/** What users are before the faults begin, what is done to them then, and what has to come of it. */
export interface Part {
  /** Of a hundred users. */
  share: number
  /** The address that they are handed over with before; none for those who are not there yet. */
  begins?: 'good' | 'error-200048' | 'consumer'
  deed: 'hand-over' | 'hand-over-and-delete' | 'retry' | 'change-package' | 'delete'
  /** What the address of a hand-over or a retry begins with: it tells the simulator what is to come of it. */
  address?: 'good' | 'error-200048' | 'consumer'
  ends: UserStatus | 'DELETED'
}

const PARTS: Part[] = [
  { share: 25, deed: 'hand-over', address: 'good', ends: 'PROVISIONED' },
  { share: 5, deed: 'hand-over', address: 'error-200048', ends: 'ERROR' },
  { share: 5, deed: 'hand-over', address: 'consumer', ends: 'PENDING_USER_MIGRATION' },
  { share: 5, deed: 'hand-over-and-delete', address: 'good', ends: 'DELETED' },
  { share: 20, begins: 'error-200048', deed: 'retry', address: 'good', ends: 'PROVISIONED' },
  { share: 10, begins: 'consumer', deed: 'retry', address: 'good', ends: 'PROVISIONED' },
  // The precheck speaks against the new address, so what Webex has stays.
  { share: 5, begins: 'error-200048', deed: 'retry', address: 'error-200048', ends: 'ERROR' },
  { share: 15, begins: 'good', deed: 'change-package', ends: 'PROVISIONED' },
  { share: 10, begins: 'good', deed: 'delete', ends: 'DELETED' },
]

/** So few that a server takes them over before it is killed, even where it lives for half a second. */
const BATCH_SIZE = 10

export interface Member {
  readonly broadworksId: string
  readonly part: Part
  /** Null until handed over. */
  id: string | null
  /** Whether a retry asked for another subscriber in place of the one that Webex has. */
  replaced: boolean
  /** In the end. */
  packageType: PackageType
  /** The subscriber that Webex had before its ledger began. */
  seededSubscriberId: string | null
}

export interface Crowd {
  templateId: string
  members: Member[]
}

/**
 * Hands over those who are there before the faults begin, and waits until they are what they begin with.
 * @param without a deed that nobody is to be done to
 */
export async function gather(
  world: World,
  count: number,
  { templateId, without }: { templateId?: string; without?: Part['deed'] } = {},
): Promise<Crowd> {
  const parts = PARTS.filter(({ deed }) => deed !== without)
  const members = parts.flatMap(part => Array.from({ length: Math.round((count * part.share) / 100) }, () => nobodyYet(part)))
  const crowd = { templateId: templateId ?? (await makeTemplate(world)), members }
  const present = members.filter(({ part }) => part.begins)
  await handOver(world, crowd.templateId, present, ({ begins }) => begins ?? '')
  const ids = new Set(present.map(({ id }) => id))
  // On a busy machine an ordinary call may take too long as well; whom that left in ERROR gets an automatic attempt.
  await eventually(async () => !(await movingUsers(world)).some(({ id }) => ids.has(id)), 120_000)
  return crowd
}

/** Does to each what is to be done to it; answers when the API took it over, long before it is done. */
export async function act(world: World, { templateId, members }: Crowd): Promise<void> {
  const newcomers = members.filter(({ part }) => !part.begins)
  await handOver(world, templateId, newcomers, ({ address }) => address ?? '')
  await inTens(members, member => doTo(world, member))
}

export function busyUsers(world: World): Promise<UserRowFragment[]> {
  return world.users({ statuses: ['PROVISIONING', 'UPDATING'] })
}

/** Who is busy or waits for an automatic attempt; seen in one look, since between two the one may become the other. */
export async function movingUsers(world: World): Promise<UserRowFragment[]> {
  const users = await world.users({ statuses: ['PROVISIONING', 'UPDATING', 'ERROR'] })
  return users.filter(({ status, diagnosis }) => status !== 'ERROR' || diagnosis?.nextAttemptAt)
}

/** Who waits for an automatic attempt. */
export async function plannedUsers(world: World): Promise<UserRowFragment[]> {
  return (await world.users({ statuses: ['ERROR'] })).filter(({ diagnosis }) => diagnosis?.nextAttemptAt)
}

/** A retry by a person, with another address or with the one on record. */
export async function retry(world: World, userId: string, email?: string): Promise<string[]> {
  const input = { userId, email, idempotencyKey: randomUUID() }
  const { retryActivation } = await world.ask(RetryActivationDocument, { input })
  return retryActivation?.userErrors.map(({ code }) => code) ?? []
}

export function addressOf(rule: string): string {
  return `${rule}-${nextNumber()}@example.com`
}

function nobodyYet(part: Part): Member {
  const packageType = part.deed === 'change-package' ? 'PREMIUM' : 'STANDARD'
  return { part, broadworksId: `user-${nextNumber()}@provider.example`, id: null, replaced: false, packageType, seededSubscriberId: null }
}

async function doTo(world: World, member: Member): Promise<void> {
  const { deed, address = '' } = member.part
  const userId = member.id ?? ''
  const input = { userId, idempotencyKey: randomUUID() }
  if (deed === 'retry') {
    member.replaced = member.part.ends === 'PROVISIONED'
    expectNone(await retry(world, userId, addressOf(address)))
  } else if (deed === 'change-package') {
    const { changePackageType } = await world.ask(ChangePackageTypeDocument, { input: { ...input, packageType: 'PREMIUM' } })
    expectNone(changePackageType?.userErrors)
  } else if (deed !== 'hand-over') {
    const { deleteUser } = await world.ask(DeleteUserDocument, { input })
    expectNone(deleteUser?.userErrors)
  }
}

async function handOver(world: World, templateId: string, members: Member[], ruleOf: (part: Part) => string): Promise<void> {
  for (let first = 0; first < members.length; first += BATCH_SIZE) {
    const batch = members.slice(first, first + BATCH_SIZE)
    const users = batch.map(({ part, broadworksId }) => userItem(templateId, { broadworksId, email: addressOf(ruleOf(part)) }))
    const { provisionUsers } = await world.ask(ProvisionUsersDocument, { input: { users, idempotencyKey: randomUUID() } })
    for (const [index, member] of batch.entries()) {
      const result = provisionUsers?.results?.[index]
      expectNone(result?.userErrors)
      member.id = result?.provisionedUser?.id ?? null
    }
  }
}

async function makeTemplate(world: World): Promise<string> {
  const { createOnboardingTemplate } = await world.ask(CreateOnboardingTemplateDocument, {
    input: {
      name: 'Template of the chaos',
      provisioningId: 'dGVzdHM6dGVtcGxhdGU',
      countryCode: 'IT',
      language: 'it',
      serviceProviderAdminEmail: 'voice-admin@provider.example',
      partnerAdminName: 'Alice Telecom',
      defaultPackageType: 'STANDARD',
      idempotencyKey: randomUUID(),
    },
  })
  return createOnboardingTemplate?.onboardingTemplate?.id ?? ''
}

function expectNone(userErrors: unknown[] | undefined): void {
  if (userErrors?.length !== 0) throw new Error(JSON.stringify(userErrors))
}
