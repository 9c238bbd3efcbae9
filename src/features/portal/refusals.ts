import { Refusal, UserErrorCode } from '../../shared/errors'
import { type PortalLocale, portalSentence, portalText, type PortalTextKey } from './portal-sentences'

/** In the words of the portal, and in the language of its user. */
class PortalRefusal extends Refusal {}

/** A refusal in the words of the portal. @param catalogCode for the help desk */
export function refuseInPortal(
  locale: PortalLocale,
  code: UserErrorCode,
  { field = [], text, catalogCode }: { field?: string[]; text: PortalTextKey; catalogCode?: number },
): Refusal {
  return new PortalRefusal([{ code, field, message: portalText(text, locale), ...(catalogCode === undefined ? {} : { catalogCode }) }])
}

const TEXTS: Partial<Record<UserErrorCode, PortalTextKey>> = {
  [UserErrorCode.REQUIRED]: 'EMAIL_REQUIRED',
  [UserErrorCode.INVALID]: 'EMAIL_INVALID',
  [UserErrorCode.TOO_LONG]: 'EMAIL_TOO_LONG',
  [UserErrorCode.INVALID_STATE]: 'WRONG_STEP',
  [UserErrorCode.LIMIT_EXCEEDED]: 'MAILS_EXCEEDED',
  [UserErrorCode.UPSTREAM_REFUSED]: 'CONSENT_NOT_SENT',
}

/** What the services below say is for administrators: its users hear the same in their words and language. */
export async function inPortalWords<Result>(locale: PortalLocale, work: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal) || error instanceof PortalRefusal) throw error
    throw new Refusal(
      error.complaints.map(complaint => {
        const text = TEXTS[complaint.code]
        return { ...complaint, message: text ? portalText(text, locale) : portalSentence(complaint.catalogCode ?? null, null, locale) }
      }),
    )
  }
}
