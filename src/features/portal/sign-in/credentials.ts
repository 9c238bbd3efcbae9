import { randomBytes } from 'node:crypto'
import { withinDeadline } from '../../../shared/deadline'
import type { Platform } from '../../../context/context'
import { readXsiProfile, type XsiProfile } from '../../../broadworks/xsi-client'
import { hashPasscode, verifyPasscode } from '../../../shared/passcode'
import { comparisonKey } from '../../../shared/text'
import type { HandOver } from '../../provisioning-request/provisioning-request.entity'
import { readHandOver } from '../../provisioning-request/provisioning-request.service'
import type { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'

export interface Credentials {
  broadworksId: string
  password: string
}

/** The identity that a password proves: the profile that BroadWorks has now, or the record of the provisioning request. */
export type Identity = { profile: XsiProfile } | { record: HandOver }

/** Checks credentials. A wrong ID and a wrong password have the same result and take the same time. */
export type CredentialCheck = (platform: Platform, template: OnboardingTemplate, credentials: Credentials) => Promise<Identity | 'REFUSED'>

/** Checks at BroadWorks when the template has its address, else against the passcode of the provisioning request. */
export function credentialCheckOf({ xsiActionsUrl }: OnboardingTemplate): CredentialCheck {
  return xsiActionsUrl === null ? checkPasscode : checkAtBroadworks
}

/** A person is waiting: after this time BroadWorks counts as unreachable. */
const XSI_TIMEOUT_MS = 10_000

/** @throws XsiUnavailable */
async function checkAtBroadworks(
  _: Platform,
  { xsiActionsUrl }: OnboardingTemplate,
  credentials: Credentials,
): Promise<Identity | 'REFUSED'> {
  const request = { xsiActionsUrl: xsiActionsUrl ?? '', ...credentials, timeoutMs: XSI_TIMEOUT_MS }
  const profile = await withinDeadline(() => readXsiProfile(request))
  return profile === 'REFUSED' ? profile : { profile }
}

/** Compared with the passcodes of unknown users, so that a check takes as long as for a known one. */
const DUMMY_HASH = hashPasscode(randomBytes(16).toString('hex'))

async function checkPasscode(
  { database }: Platform,
  template: OnboardingTemplate,
  { broadworksId, password }: Credentials,
): Promise<Identity | 'REFUSED'> {
  const record = await readHandOver(database.reader, template.partnerId, comparisonKey(broadworksId))
  const hash = record?.onboardingTemplateId === template.id ? record.passcodeHash : null
  const isRight = await verifyPasscode(password, hash ?? (await DUMMY_HASH))
  return isRight && record && hash !== null ? { record } : 'REFUSED'
}
