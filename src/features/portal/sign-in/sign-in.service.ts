import type { RateLimiter } from '../../../database/rate-limiter'
import { XsiUnavailable } from '../../../broadworks/xsi-client'
import { RateLimited, UserErrorCode } from '../../../shared/errors'
import { comparisonKey } from '../../../shared/text'
import type { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'
import { isReady } from '../../onboarding-template/user-verification'
import { BROADWORKS_ID_MAX_LENGTH } from '../../provisioned-user/profile'
import type { ProvisionedUser } from '../../provisioned-user/provisioned-user.entity'
import { templateOfLink } from '../activation-link'
import type { PortalContext } from '../portal-context'
import { LOCK_SECONDS, SIGN_INS_OF_LINK, WRONG_PASSWORDS_OF_NETWORK, WRONG_PASSWORDS_OF_USER } from '../portal-limits'
import type { SignInInput } from '../portal.types'
import { PortalRefusal } from '../refusals'
import { credentialCheckOf, type Credentials, type Identity } from './credentials'
import { userOf } from './signed-in-user'

/** "Wrong user ID or password", and "locked after too many tries", in Cisco's list of portal errors. */
const WRONG = 100006
const LOCKED = 200018

const PASSWORD_MAX_LENGTH = 128

/**
 * Signs a user in on an activation link. Creates the user when it was deleted, or was never imported.
 * @throws Refusal NOT_FOUND or INVALID_STATE for `link`; REQUIRED; INVALID with 100006, LIMIT_EXCEEDED with 200018, UPSTREAM_REFUSED when
 *   BroadWorks does not respond; RateLimited
 */
export async function signIn(ctx: PortalContext, { link, broadworksId: given, password }: SignInInput): Promise<ProvisionedUser> {
  const template = await templateOfLink(ctx.database.reader, link.trim())
  if (!template) throw new PortalRefusal(UserErrorCode.NOT_FOUND, 'LINK_UNKNOWN', { field: ['link'] })
  if (!isReady(template)) throw new PortalRefusal(UserErrorCode.INVALID_STATE, 'LINK_NOT_READY', { field: ['link'] })
  const broadworksId = given.trim()
  for (const [name, value] of Object.entries({ broadworksId, password })) {
    if (value === '') throw new PortalRefusal(UserErrorCode.REQUIRED, 'SIGN_IN_WRONG', { field: [name], catalogCode: WRONG })
  }
  const identity = await withinLimits(ctx, template, broadworksId, () => checked(ctx, template, { broadworksId, password }))
  return userOf(ctx, template, identity)
}

async function checked(ctx: PortalContext, template: OnboardingTemplate, credentials: Credentials): Promise<Identity | 'REFUSED'> {
  const { broadworksId, password } = credentials
  if (broadworksId.length > BROADWORKS_ID_MAX_LENGTH || password.length > PASSWORD_MAX_LENGTH) return 'REFUSED'
  return credentialCheckOf(template)(ctx, template, credentials)
}

/**
 * Checks a password, unless too many wrong ones have locked the user or the network. The user's limit is taken before the check, so that
 * concurrent sign-ins cannot exceed it. The network's limit is taken only after a wrong password, because an office signs in at once.
 */
async function withinLimits(
  ctx: PortalContext,
  template: OnboardingTemplate,
  broadworksId: string,
  check: () => Promise<Identity | 'REFUSED'>,
): Promise<Identity> {
  const { limits, network } = ctx
  const wrongOfUser = limits.of(WRONG_PASSWORDS_OF_USER)
  const wrongOfNetwork = limits.of(WRONG_PASSWORDS_OF_NETWORK)
  const locked = () => new PortalRefusal(UserErrorCode.LIMIT_EXCEEDED, 'SIGN_IN_LOCKED', { catalogCode: LOCKED })
  if (await wrongOfNetwork.isExhausted(network)) throw locked()
  const user = `${template.partnerId} ${countedAs(template, broadworksId)}`
  const triesLeft = await tryToTake(wrongOfUser, user)
  if (triesLeft === null) throw locked()
  try {
    await limits.of(SIGN_INS_OF_LINK).take(template.id)
    const identity = await check()
    if (identity !== 'REFUSED') {
      await wrongOfUser.forget(user)
      return identity
    }
  } catch (error) {
    await wrongOfUser.giveBack(user)
    if (!(error instanceof XsiUnavailable)) throw error
    ctx.logger.warn({ err: error, onboardingTemplateId: template.id }, 'BroadWorks did not check a password.')
    throw new PortalRefusal(UserErrorCode.UPSTREAM_REFUSED, 'BROADWORKS_UNREACHABLE')
  }
  // The lock lasts from the last wrong password on, not from the first.
  if (triesLeft === 0) await wrongOfUser.block(user, LOCK_SECONDS)
  if ((await tryToTake(wrongOfNetwork, network)) === 0) await wrongOfNetwork.block(network, LOCK_SECONDS)
  throw new PortalRefusal(UserErrorCode.INVALID, 'SIGN_IN_WRONG', { catalogCode: WRONG })
}

/** The ID that wrong passwords are counted by. BroadWorks adds a missing domain, so it has one user for an ID with and without it. */
function countedAs({ xsiActionsUrl }: OnboardingTemplate, broadworksId: string): string {
  const key = comparisonKey(broadworksId)
  return xsiActionsUrl === null ? key : key.replace(/@.*$/s, '')
}

/** Takes one point. @returns how many are left; null when there was none to take */
async function tryToTake(limiter: RateLimiter, key: string): Promise<number | null> {
  try {
    return (await limiter.take(key)).left
  } catch (error) {
    if (error instanceof RateLimited) return null
    throw error
  }
}
