import { LOCK_SECONDS } from '../../../auth/limits'
import { XsiUnavailable } from '../../../provisioning/xsi-client'
import { RateLimited, UserErrorCode } from '../../../shared/errors'
import { comparisonKey } from '../../../shared/text'
import { BROADWORKS_ID_MAX_LENGTH } from '../../provisioned-user/profile'
import type { ActivationContext } from '../activation-context'
import { templateOfLink } from '../activation-link'
import type { SignInInput } from '../activation.types'
import { isReady } from '../../onboarding-template/user-verification'
import { refuseInPortal } from '../refusals'
import { credentialCheckOf, type Identity } from './credentials'
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
  const { database, limits, locale, network } = ctx
  const template = await templateOfLink(database.reader, link.trim())
  if (!template) throw refuseInPortal(locale, UserErrorCode.NOT_FOUND, { field: ['link'], text: 'LINK_UNKNOWN' })
  if (!isReady(template)) throw refuseInPortal(locale, UserErrorCode.INVALID_STATE, { field: ['link'], text: 'LINK_NOT_READY' })
  const broadworksId = given.trim()
  for (const [name, value] of Object.entries({ broadworksId, password })) {
    if (value === '') throw refuseInPortal(locale, UserErrorCode.REQUIRED, { field: [name], text: 'SIGN_IN_WRONG', catalogCode: WRONG })
  }
  await limits.signInsOfLink.take(template.id)
  const tries = await takeTry(ctx, `${template.partnerId} ${comparisonKey(broadworksId)}`)
  const isPossible = broadworksId.length <= BROADWORKS_ID_MAX_LENGTH && password.length <= PASSWORD_MAX_LENGTH
  const check = credentialCheckOf(template)
  let identity: Identity | 'REFUSED'
  try {
    identity = isPossible ? await check(ctx, template, { broadworksId, password }) : 'REFUSED'
  } catch (error) {
    if (!(error instanceof XsiUnavailable)) throw error
    ctx.logger.warn({ err: error, onboardingTemplateId: template.id }, 'BroadWorks did not check a password.')
    await tries.giveBack()
    throw refuseInPortal(locale, UserErrorCode.UPSTREAM_REFUSED, { text: 'BROADWORKS_UNREACHABLE' })
  }
  if (identity === 'REFUSED') {
    await tries.failed()
    throw refuseInPortal(locale, UserErrorCode.INVALID, { text: 'SIGN_IN_WRONG', catalogCode: WRONG })
  }
  await limits.wrongTriesOfUser.forget(tries.user)
  await limits.wrongTriesFromNetwork.giveBack(network)
  return userOf(ctx, template, identity)
}

/**
 * Takes a try before it is known to be wrong, so that tries made at once do not exceed what is allowed.
 * @throws Refusal LIMIT_EXCEEDED when the user or the network is locked
 */
async function takeTry({ limits, locale, network }: ActivationContext, user: string) {
  const { wrongTriesOfUser, wrongTriesFromNetwork } = limits
  try {
    const left = { ofUser: await wrongTriesOfUser.take(user), fromNetwork: await wrongTriesFromNetwork.take(network) }
    return {
      user,
      /** From the last wrong try on it is locked, not from the first. */
      async failed(): Promise<void> {
        if (left.ofUser === 0) await wrongTriesOfUser.block(user, LOCK_SECONDS)
        if (left.fromNetwork === 0) await wrongTriesFromNetwork.block(network, LOCK_SECONDS)
      },
      async giveBack(): Promise<void> {
        await wrongTriesOfUser.giveBack(user)
        await wrongTriesFromNetwork.giveBack(network)
      },
    }
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error
    throw refuseInPortal(locale, UserErrorCode.LIMIT_EXCEEDED, { text: 'SIGN_IN_LOCKED', catalogCode: LOCKED })
  }
}
