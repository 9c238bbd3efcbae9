import type { Transaction } from '../../../database/database'
import { readById } from '../../../database/rows'
import type { Acting, Platform } from '../../../context/context'
import { MailRefused } from '../../../mail/mail'
import { enqueue, implementJob, type PayloadOf } from '../../../queue/define-job'
import { JobPriority } from '../../../queue/job-queue'
import { timestamp } from '../../../shared/clock'
import { RateLimited, Refusal, UserErrorCode } from '../../../shared/errors'
import { newId } from '../../../shared/ids'
import { recordAudit } from '../../audit-event/audit-event.service'
import { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'
import { Partner } from '../../partner/partner.entity'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { readUser } from '../../provisioned-user/provisioned-user.loaders'
import { amendUser } from '../../provisioned-user/provisioned-user.transition'
import { aboutUser } from '../../provisioned-user/user-fields'
import { actingAsPortal } from '../portal-context'
import { MAILS_OF_USER } from '../portal-limits'
import { MAIL_NOT_SENT } from '../portal-state'
import { sendValidationMailJob } from '../portal.jobs'
import { renderValidationMail } from './validation-mail'
import { signValidationToken } from './validation-token'

const HOUR_MS = 3_600_000
/** Bounds of the pause between two tries to send a mail, which is a quarter of the time since the request. */
const PAUSE_MIN_MS = 1000
const PAUSE_MAX_MS = 10 * 60_000

/** Fields of a user for a new validation mail. They void the link of the previous mail. */
export function newValidation({ config, clock }: Platform) {
  const validationExpiresAt = timestamp(new Date(clock.now().getTime() + config.validationHours * HOUR_MS))
  return { validationId: newId('Validation'), validationExpiresAt, validationMailRefusedAt: null }
}

/**
 * Counts a mail to this user, requested by the user or by an administrator.
 * @throws Refusal LIMIT_EXCEEDED with 200022 after five mails within an hour
 */
export async function countMail({ limits }: Platform, userId: string): Promise<void> {
  try {
    await limits.of(MAILS_OF_USER).take(userId)
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error
    const minutes = Math.ceil(error.retryAfterMs / 60_000)
    const message = `This user got as many mails within the hour as are allowed; try again in ${minutes} min.`
    throw new Refusal([{ code: UserErrorCode.LIMIT_EXCEEDED, reason: 'MAILS_EXCEEDED', field: [], message, catalogCode: MAIL_NOT_SENT }])
  }
}

/** Enqueues the mail that belongs to the user's current `validationId`. */
export async function enqueueValidationMail(ctx: Acting, tx: Transaction, { id, validationId }: ProvisionedUser): Promise<void> {
  await enqueue(ctx, tx, sendValidationMailJob, { userId: id, validationId: validationId ?? '' })
}

export const sendValidationMailWorker = implementJob(sendValidationMailJob, sendValidationMail, recordRefusal)

type Payload = PayloadOf<typeof sendValidationMailJob>

/**
 * Sends the mail, now or as soon as a mail server accepts it, unless a newer one was requested meanwhile. After a crash the same mail can be
 * sent twice.
 */
async function sendValidationMail(platform: Platform, payload: Payload): Promise<void> {
  const { userId, validationId } = payload
  const user = await readUser(platform.database.reader, userId)
  if (!user || !isOpen(user, validationId)) return
  const partner = await readById(platform.database.reader, Partner, user.partnerId)
  const template = await readById(platform.database.reader, OnboardingTemplate, user.onboardingTemplateId)
  const token = await signValidationToken(platform, { userId, validationId }, user.validationExpiresAt ?? '')
  const mail = renderValidationMail({
    firstName: user.firstName,
    partnerName: partner?.name ?? '',
    partnerAdminName: template?.partnerAdminName ?? partner?.name ?? '',
    confirmUrl: `${platform.publicUrl()}/activate/confirm?token=${token}`,
    validHours: platform.config.validationHours,
    language: template?.language ?? 'en',
  })
  try {
    await platform.mail.send({ id: validationId, to: user.email ?? '', ...mail })
  } catch (error) {
    platform.logger.warn({ err: error, userId }, 'A mail server did not accept a validation mail.')
    if (error instanceof MailRefused) await recordRefusal(platform, payload)
    else await sendLater(platform, user, payload)
  }
}

/** Retries as long as the link is valid: a mail server may be down for an hour, or use greylisting. */
async function sendLater(platform: Platform, user: ProvisionedUser, payload: Payload): Promise<void> {
  const { config, clock } = platform
  const now = clock.now().getTime()
  const expiresAt = Date.parse(user.validationExpiresAt ?? '')
  const waitedMs = now - (expiresAt - config.validationHours * HOUR_MS)
  const pauseMs = Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, waitedMs / 4))
  if (now + pauseMs >= expiresAt) return recordRefusal(platform, payload)
  const options = { pauseMs, priority: JobPriority.ORDINARY }
  await platform.database.transaction(tx => enqueue(platform, tx, sendValidationMailJob, payload, options))
}

/** Records that no mail server accepted the mail. The portal tells the user, who can enter another address. */
async function recordRefusal(platform: Platform, { userId, validationId }: Payload): Promise<void> {
  await platform.database.transaction(async tx => {
    const user = await readUser(tx.manager, userId)
    if (!user || !isOpen(user, validationId)) return
    const ctx = actingAsPortal(platform, user.partnerId, null)
    const after = await amendUser(ctx, tx, user, { validationMailRefusedAt: timestamp(ctx.clock.now()) })
    await recordAudit(ctx, tx, { ...aboutUser(after), action: 'validationMailRefused' })
  })
}

function isOpen(user: ProvisionedUser, validationId: string): boolean {
  return user.deletedAt === null && user.validationId === validationId
}
