import { type EntityManager, IsNull, Not, type SelectQueryBuilder } from 'typeorm'
import type { Transaction } from '../../database/database'
import { readById, readRows, selectRows } from '../../database/rows'
import type { Acting, Platform } from '../../context/context'
import { enqueue, implementJob, type PayloadOf } from '../../queue/define-job'
import { UserStatus } from '../../provisioning/lifecycle'
import { timestamp } from '../../shared/clock'
import { AttemptTrigger } from '../activation-attempt/activation-attempt.entity'
import { startAttempt } from '../activation-attempt/activation-attempt.service'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { releaseUsersOfTemplateJob } from '../onboarding-template/onboarding-template.jobs'
import { refuseTakenAddress } from '../provisioned-user/addresses'
import { EmailOrigin, ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { releaseWaitingUsersJob } from '../provisioned-user/provisioned-user.jobs'
import { applyTrigger } from '../provisioned-user/provisioned-user.transition'
import { NO_VALIDATION } from '../provisioned-user/user-fields'

// "Provision admin first": the first user of a customer becomes the administrator of its Webex organization. With this setting of the template
// no other user of the customer can finish before that user is live. Source: Cisco's help article on onboarding templates.

/** Released at a time, so that no transaction is long. */
const BATCH_SIZE = 100

/**
 * Takes down that a user followed the validation mail, and starts the activation; with "provision admin first" the click is kept
 * until the customer's first user is live.
 * @throws Refusal TAKEN when the address was confirmed or vouched for another user meanwhile, INVALID_STATE
 */
export async function confirmEmail(ctx: Acting, tx: Transaction, user: ProvisionedUser): Promise<ProvisionedUser> {
  await refuseTakenAddress(tx, user.partnerId, user.email ?? '', user.id)
  const waitsForFirstUser = await isBlocked(tx.manager, user)
  const { user: after, effect } = await applyTrigger(ctx, tx, user, {
    trigger: 'CONFIRM_EMAIL',
    facts: { waitsForFirstUser },
    fields: {
      ...NO_VALIDATION,
      emailOrigin: EmailOrigin.CONFIRMED,
      emailConfirmedAt: timestamp(ctx.clock.now()),
      upstreamErrors: [],
    },
    action: 'confirmEmail',
  })
  if (effect === 'CREATE') await startAttempt(ctx, tx, after, effect, AttemptTrigger.PORTAL)
  // A transaction that makes the first user live, or deletes it, may not have seen this user wait: the job checks again after the commit.
  else await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId: after.customerId })
  return after
}

/** Whether this user has to wait until another one is live. */
async function isBlocked(manager: EntityManager, user: ProvisionedUser): Promise<boolean> {
  if (!(await isGuarded(manager, user.onboardingTemplateId))) return false
  if (await hasLiveUser(manager, user.customerId)) return false
  return (await firstUserId(manager, user.customerId)) !== user.id
}

async function isGuarded(manager: EntityManager, onboardingTemplateId: string): Promise<boolean> {
  const template = await readById(manager, OnboardingTemplate, onboardingTemplateId)
  return template !== null && template.provisionAdminFirst && template.untrustedEmails
}

/** Whether the customer has an administrator: somebody is live, also while an update of theirs runs or has failed. */
function hasLiveUser(manager: EntityManager, customerId: string): Promise<boolean> {
  return manager.exists(ProvisionedUser, { where: { customerId, deletedAt: IsNull(), webexPersonId: Not(IsNull()) } })
}

async function firstUserId(manager: EntityManager, customerId: string): Promise<string | null> {
  const first = await manager.findOne(ProvisionedUser, {
    select: { id: true },
    where: { customerId, deletedAt: IsNull() },
    order: { createdAt: 'ASC', id: 'ASC' },
  })
  return first?.id ?? null
}

/** After a deletion the next user in line may be one who has confirmed already. */
export async function releaseAfterDeletion(ctx: Acting, tx: Transaction, user: ProvisionedUser): Promise<void> {
  if (!(await isGuarded(tx.manager, user.onboardingTemplateId))) return
  await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId: user.customerId })
}

/** Enqueues the release of the waiting users, one job for each customer of the template. */
export const releaseUsersOfTemplateWorker = implementJob(releaseUsersOfTemplateJob, async (platform: Platform, payload) => {
  await platform.database.transaction(async tx => {
    const customers = await waitingUsers(tx.manager)
      .select('row.customerId', 'customerId')
      .distinct(true)
      .andWhere('row.onboardingTemplateId = :onboardingTemplateId', payload)
      .getRawMany<{ customerId: string }>()
    for (const { customerId } of customers) await enqueue(platform, tx, releaseWaitingUsersJob, { customerId })
  })
})

export const releaseWaitingUsersWorker = implementJob(releaseWaitingUsersJob, releaseWaitingUsers)

/** Starts the activation of the users of a customer who confirmed their address and do not have to wait any longer. */
async function releaseWaitingUsers(platform: Platform, { customerId }: PayloadOf<typeof releaseWaitingUsersJob>): Promise<void> {
  await platform.database.transaction(async tx => {
    const waiting = await readRows(
      // In the order of the hand-over: so the first user is among them, however many confirmed earlier.
      waitingUsers(tx.manager)
        .andWhere('row.customerId = :customerId', { customerId })
        .orderBy('row.createdAt')
        .addOrderBy('row.id')
        .limit(BATCH_SIZE),
    )
    const [some] = waiting
    if (!some) return
    const ctx: Acting = { ...platform, actor: { partnerId: some.partnerId, name: 'activation', requestId: null } }
    const isOpen = !(await isGuarded(tx.manager, some.onboardingTemplateId)) || (await hasLiveUser(tx.manager, customerId))
    // While nobody is live only the first may go on, who can have been waiting until an earlier one was deleted.
    const firstId = isOpen ? null : await firstUserId(tx.manager, customerId)
    for (const user of waiting.filter(({ id }) => isOpen || id === firstId)) {
      const { user: after, effect } = await applyTrigger(ctx, tx, user, { trigger: 'CONFIRM_EMAIL', action: 'firstUserActive' })
      await startAttempt(ctx, tx, after, effect, AttemptTrigger.AUTOMATIC)
    }
    if (isOpen && waiting.length === BATCH_SIZE) await enqueue(ctx, tx, releaseWaitingUsersJob, { customerId })
  })
}

function waitingUsers(manager: EntityManager): SelectQueryBuilder<ProvisionedUser> {
  return selectRows(manager, ProvisionedUser, 'row')
    .where('row.unfinished = true AND row.emailConfirmedAt IS NOT NULL')
    .andWhere('row.status = :status', { status: UserStatus.PENDING_EMAIL_VALIDATION })
}
