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

/** Who signed in: the user as BroadWorks knows it now, or as it was handed over. */
export type Identity = { profile: XsiProfile } | { record: HandOver }

/** Checks who signs in. A wrong ID and a wrong password are one answer, and take the same time. */
export type CredentialCheck = (platform: Platform, template: OnboardingTemplate, credentials: Credentials) => Promise<Identity | 'REFUSED'>

/** BroadWorks itself where the template says where that is, else the passcodes that came with the hand-over. */
export function credentialCheckOf({ xsiActionsUrl }: OnboardingTemplate): CredentialCheck {
  return xsiActionsUrl === null ? checkPasscode : checkAtBroadworks
}

/** A person waits; a BroadWorks that takes longer is one that does not answer. */
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

/** What unknown users' passcodes are compared with, so that it takes as long. */
const NOBODYS_HASH = hashPasscode(randomBytes(16).toString('hex'))

async function checkPasscode(
  { database }: Platform,
  template: OnboardingTemplate,
  { broadworksId, password }: Credentials,
): Promise<Identity | 'REFUSED'> {
  const record = await readHandOver(database.reader, template.partnerId, comparisonKey(broadworksId))
  const hash = record?.onboardingTemplateId === template.id ? record.passcodeHash : null
  const isRight = await verifyPasscode(password, hash ?? (await NOBODYS_HASH))
  return isRight && record && hash !== null ? { record } : 'REFUSED'
}
