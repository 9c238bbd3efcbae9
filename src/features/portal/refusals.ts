import { NotSignedIn, RateLimited, Refusal, type RefusalReason, type UserErrorCode } from '../../shared/errors'
import { type PortalLocale, portalSentence, portalText, type PortalTextKey } from './portal-sentences'

/** What a user of the portal reads for each reason of a refusal. Total: a reason without a sentence does not compile. */
export const SENTENCES: Record<RefusalReason, PortalTextKey> = {
  EMAIL_REQUIRED: 'EMAIL_REQUIRED',
  EMAIL_INVALID: 'EMAIL_INVALID',
  EMAIL_TOO_LONG: 'EMAIL_TOO_LONG',
  // Webex knows the user already, so the step that offers an address is over.
  EMAIL_FIXED: 'WRONG_STEP',
  INVALID_STATE: 'WRONG_STEP',
  MAILS_EXCEEDED: 'MAILS_EXCEEDED',
  DELETION_UNDER_WAY: 'DELETION_UNDER_WAY',
  WEBEX_READ_ONLY: 'WEBEX_READ_ONLY',
  CONSENT_MAIL_NOT_SENT: 'CONSENT_NOT_SENT',
}

/** A refusal of the portal itself, which names its sentence. */
export class PortalRefusal extends Refusal {
  readonly text: PortalTextKey

  /** @param catalogCode code for the help desk */
  constructor(code: UserErrorCode, text: PortalTextKey, { field = [], catalogCode }: { field?: string[]; catalogCode?: number } = {}) {
    super([{ code, field, catalogCode, message: portalText(text, 'en') }])
    this.text = text
  }
}

/** Runs a step. What it throws for its user comes in sentences of the portal, in the language of the user. */
export async function inPortalWords<Result>(locale: PortalLocale, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    throw worded(error, locale)
  }
}

function worded(error: unknown, locale: PortalLocale): unknown {
  if (error instanceof NotSignedIn) return new NotSignedIn(portalText('SESSION_NEEDED', locale))
  if (error instanceof RateLimited) return new RateLimited(error.retryAfterMs, portalText('TOO_MANY_REQUESTS', locale))
  if (!(error instanceof Refusal)) return error
  return new Refusal(
    error.complaints.map(complaint => {
      const { reason, catalogCode = null } = complaint
      const text = error instanceof PortalRefusal ? error.text : reason && SENTENCES[reason]
      return { ...complaint, message: text ? portalText(text, locale) : portalSentence(catalogCode, REFUSED, locale) }
    }),
  )
}

/** HTTP status of a request that is refused for good: without a code, the sentence must not say that Webex failed for a while. */
const REFUSED = 400
