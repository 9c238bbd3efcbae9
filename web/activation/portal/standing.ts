import { ask } from '../api/activation-client'
import { ArrivalDocument, CurrentActivationDocument, type ActivationFragment } from '../api/operations.generated'
import { linkIn } from '../place'

export type Activation = ActivationFragment

/** How the visitor of an activation link stands with the server, as far as this page knows. */
export type Standing =
  | { name: 'arriving' }
  | { name: 'wrong-link' }
  | { name: 'not-ready'; partnerName: string }
  /** `ended`: there was a session, and nobody here ended it. */
  | { name: 'signed-out'; partnerName: string; ended: boolean }
  | { name: 'signed-in'; activation: Activation }

/** Asks the server. @throws RequestProblem */
export async function nextStanding(standing: Standing, link: string): Promise<Standing> {
  if (standing.name === 'signed-in') {
    const { activation } = await ask(CurrentActivationDocument, {})
    return activation ? { name: 'signed-in', activation } : signedOut(standing, true)
  }
  const { activationLink, activation } = await ask(ArrivalDocument, { link })
  if (!activationLink) return { name: 'wrong-link' }
  // A session of another provider's link stays where it is until somebody signs in here.
  if (activation?.activationLink && linkIn(activation.activationLink) === link) return { name: 'signed-in', activation }
  const { partnerName, ready } = activationLink
  if (!ready) return { name: 'not-ready', partnerName }
  return { name: 'signed-out', partnerName, ended: standing.name === 'signed-out' && standing.ended }
}

export function signedOut(standing: Standing, ended: boolean): Standing {
  return standing.name === 'signed-in' ? { name: 'signed-out', partnerName: standing.activation.partnerName, ended } : standing
}

/** After this long in a step, whoever still waits is asked about less often. */
const PATIENT_AFTER_MS = 60_000

/**
 * How long until the server is asked again where things stand, in milliseconds; null where nothing changes by itself.
 * `waitedMs` is how long it has stood like this.
 */
export function pauseMs(standing: Standing, waitedMs: number): number | null {
  if (standing.name !== 'signed-in') return null
  switch (standing.activation.step) {
    case 'CONFIRM_EMAIL':
    case 'WAIT_FOR_FIRST_USER':
    case 'GIVE_CONSENT':
    case 'PROVISIONING':
      return waitedMs < PATIENT_AFTER_MS ? 2000 : 8000
    case 'ERROR':
      // What may pass is tried again by the server, some time later.
      return 15_000
    default:
      return null
  }
}
