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
import { MAIL_NOT_SENT } from '../portal-state'
import { sendValidationMailJob } from '../portal.jobs'
import { renderValidationMail } from './validation-mail'
import { signValidationToken } from './validation-token'

const HOUR_MS = 3_600_000
/** Between two tries to send a mail: a quarter of the time since it was asked for, within these bounds. */
const PAUSE_MIN_MS = 1000
const PAUSE_MAX_MS = 10 * 60_000

/** What a user gets with a new validation mail: the link of the one before is void from then on. */
export function newValidation({ config, clock }: Platform) {
  const validationExpiresAt = timestamp(new Date(clock.now().getTime() + config.validationHours * HOUR_MS))
  return { validationId: newId('Validation'), validationExpiresAt, validationMailRefusedAt: null }
}

/**
 * Counts a mail to this user.
 * @throws Refusal LIMIT_EXCEEDED with 200022 after five within an hour, whoever asked for them
 */
export async function takeMail({ limits }: Pick<Platform, 'limits'>, userId: string): Promise<void> {
  try {
    await limits.mails.take(userId)
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error
    const minutes = Math.ceil(error.retryAfterMs / 60_000)
    const message = `This user got as many mails within the hour as are allowed; try again in ${minutes} min.`
    throw new Refusal([{ code: UserErrorCode.LIMIT_EXCEEDED, field: [], message, catalogCode: MAIL_NOT_SENT }])
  }
}

/** Enqueues the validation mail that is on record for the user. */
export async function enqueueValidationMail(ctx: Acting, tx: Transaction, { id, validationId }: ProvisionedUser): Promise<void> {
  await enqueue(ctx, tx, sendValidationMailJob, { userId: id, validationId: validationId ?? '' })
}

export const sendValidationMailWorker = implementJob(sendValidationMailJob, sendValidationMail, recordRefusal)

type Payload = PayloadOf<typeof sendValidationMailJob>

/** Sends the mail, now or when a mail server accepts it, unless a newer one was requested. After a crash the same mail may be sent twice. */
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
    platform.logger.warn({ err: error, userId }, 'A validation mail was not taken.')
    if (error instanceof MailRefused) await recordRefusal(platform, payload)
    else await sendLater(platform, user, payload)
  }
}

/** A mail server may be away for an hour, or want to see a sender twice: it is tried as long as the link would work. */
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

/** Records that no mail server accepted the mail. The portal tells the user, who can give another address. */
async function recordRefusal(platform: Platform, { userId, validationId }: Payload): Promise<void> {
  await platform.database.transaction(async tx => {
    const user = await readUser(tx.manager, userId)
    if (!user || !isOpen(user, validationId)) return
    const ctx: Acting = { ...platform, actor: { partnerId: user.partnerId, name: 'portal', requestId: null } }
    const after = await amendUser(ctx, tx, user, { validationMailRefusedAt: timestamp(ctx.clock.now()) })
    await recordAudit(ctx, tx, { ...aboutUser(after), action: 'validationMailRefused' })
  })
}

function isOpen(user: ProvisionedUser, validationId: string): boolean {
  return user.deletedAt === null && user.validationId === validationId
}
