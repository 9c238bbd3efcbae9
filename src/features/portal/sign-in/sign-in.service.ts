import { LOCK_SECONDS } from '../../../auth/limits'
import type { RateLimiter } from '../../../database/rate-limiter'
import { XsiUnavailable } from '../../../broadworks/xsi-client'
import { RateLimited, UserErrorCode } from '../../../shared/errors'
import { comparisonKey } from '../../../shared/text'
import type { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'
import { isReady } from '../../onboarding-template/user-verification'
import { BROADWORKS_ID_MAX_LENGTH } from '../../provisioned-user/profile'
import type { ActivationContext } from '../portal-context'
import { templateOfLink } from '../activation-link'
import type { SignInInput } from '../portal.types'
import { portalText } from '../portal-sentences'
import { refuseInPortal } from '../refusals'
import { credentialCheckOf, type Credentials, type Identity } from './credentials'
import { userOf } from './signed-in-user'

/** "Wrong user ID or password", and "locked after too many tries", in Cisco's list of portal errors. */
const WRONG = 100006
const LOCKED = 200018

const PASSWORD_MAX_LENGTH = 128

/**
 * Signs a user in on the activation link, and makes the user anew who was deleted, or was never handed over.
 * @returns the user's ID
 * @throws Refusal NOT_FOUND or INVALID_STATE for `link`; REQUIRED; INVALID with 100006, LIMIT_EXCEEDED with 200018, UPSTREAM_REFUSED when
 *   BroadWorks does not answer; RateLimited
 */
export async function signIn(ctx: ActivationContext, { link, broadworksId: given, password }: SignInInput): Promise<string> {
  const { locale } = ctx
  const template = await templateOfLink(ctx.database.reader, link.trim())
  if (!template) throw refuseInPortal(locale, UserErrorCode.NOT_FOUND, { field: ['link'], text: 'LINK_UNKNOWN' })
  if (!isReady(template)) throw refuseInPortal(locale, UserErrorCode.INVALID_STATE, { field: ['link'], text: 'LINK_NOT_READY' })
  const broadworksId = given.trim()
  for (const [name, value] of Object.entries({ broadworksId, password })) {
    if (value === '') throw refuseInPortal(locale, UserErrorCode.REQUIRED, { field: [name], text: 'SIGN_IN_WRONG', catalogCode: WRONG })
  }
  const identity = await withinLimits(ctx, template, broadworksId, () => checked(ctx, template, { broadworksId, password }))
  return userOf(ctx, template, identity)
}

async function checked(ctx: ActivationContext, template: OnboardingTemplate, credentials: Credentials): Promise<Identity | 'REFUSED'> {
  const { broadworksId, password } = credentials
  if (broadworksId.length > BROADWORKS_ID_MAX_LENGTH || password.length > PASSWORD_MAX_LENGTH) return 'REFUSED'
  return credentialCheckOf(template)(ctx, template, credentials)
}

/**
 * Checks a password, unless the user or the network is locked after too many wrong ones. The user's try is taken before it is known to be
 * wrong, so that tries made at once are not more than are allowed; that of the network only when it was wrong, because many people may
 * sign in from there at once.
 */
async function withinLimits(
  ctx: ActivationContext,
  template: OnboardingTemplate,
  broadworksId: string,
  check: () => Promise<Identity | 'REFUSED'>,
): Promise<Identity> {
  const { limits, locale, network } = ctx
  const locked = () => refuseInPortal(locale, UserErrorCode.LIMIT_EXCEEDED, { text: 'SIGN_IN_LOCKED', catalogCode: LOCKED })
  if (await limits.wrongTriesFromNetwork.isExhausted(network)) throw locked()
  const user = `${template.partnerId} ${countedAs(template, broadworksId)}`
  const triesLeft = await tryToTake(limits.wrongTriesOfUser, user)
  if (triesLeft === null) throw locked()
  try {
    await limits.signInsOfLink.take(template.id)
    const identity = await check()
    if (identity !== 'REFUSED') {
      await limits.wrongTriesOfUser.forget(user)
      return identity
    }
  } catch (error) {
    await limits.wrongTriesOfUser.giveBack(user)
    if (error instanceof RateLimited) throw new RateLimited(error.retryAfterMs, portalText('TOO_MANY_REQUESTS', locale))
    if (!(error instanceof XsiUnavailable)) throw error
    ctx.logger.warn({ err: error, onboardingTemplateId: template.id }, 'BroadWorks did not check a password.')
    throw refuseInPortal(locale, UserErrorCode.UPSTREAM_REFUSED, { text: 'BROADWORKS_UNREACHABLE' })
  }
  // From the last wrong try on it is locked, not from the first.
  if (triesLeft === 0) await limits.wrongTriesOfUser.block(user, LOCK_SECONDS)
  if ((await tryToTake(limits.wrongTriesFromNetwork, network)) === 0) await limits.wrongTriesFromNetwork.block(network, LOCK_SECONDS)
  throw refuseInPortal(locale, UserErrorCode.INVALID, { text: 'SIGN_IN_WRONG', catalogCode: WRONG })
}

/** BroadWorks completes an ID without a domain, so with and without it is one user there. */
function countedAs({ xsiActionsUrl }: OnboardingTemplate, broadworksId: string): string {
  const key = comparisonKey(broadworksId)
  return xsiActionsUrl === null ? key : key.replace(/@.*$/s, '')
}

/** How many are left; null when there was none to take. */
async function tryToTake(limiter: RateLimiter, key: string): Promise<number | null> {
  try {
    return (await limiter.take(key)).left
  } catch (error) {
    if (error instanceof RateLimited) return null
    throw error
  }
}
