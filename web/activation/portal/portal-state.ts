import { ask } from '../api/activation-client'
import { ArrivalDocument, CurrentActivationDocument, type ActivationFragment } from '../api/operations.generated'
import { linkIn } from '../place'

export type Activation = ActivationFragment

/** State of the portal for the visitor of an activation link, as of the last response. */
export type PortalState =
  | { name: 'arriving' }
  | { name: 'wrong-link' }
  | { name: 'not-ready'; partnerName: string }
  /** `ended`: the server ended the session, not the user. */
  | { name: 'signed-out'; partnerName: string; ended: boolean }
  | { name: 'signed-in'; activation: Activation }

/** Reads the next state from the server. @throws RequestProblem */
export async function nextState(state: PortalState, link: string): Promise<PortalState> {
  if (state.name === 'signed-in') {
    const { activation } = await ask(CurrentActivationDocument, {})
    return activation ? { name: 'signed-in', activation } : signedOut(state, true)
  }
  const { activationLink, activation } = await ask(ArrivalDocument, { link })
  if (!activationLink) return { name: 'wrong-link' }
  // A session of another provider's link stays open until the visitor signs in here.
  if (activation?.activationLink && linkIn(activation.activationLink) === link) return { name: 'signed-in', activation }
  const { partnerName, ready } = activationLink
  if (!ready) return { name: 'not-ready', partnerName }
  return { name: 'signed-out', partnerName, ended: state.name === 'signed-out' && state.ended }
}

export function signedOut(state: PortalState, ended: boolean): PortalState {
  return state.name === 'signed-in' ? { name: 'signed-out', partnerName: state.activation.partnerName, ended } : state
}

/** After this time in one step, the page polls less often. */
const PATIENT_AFTER_MS = 60_000

/**
 * Pause until the next request for the state, in milliseconds; null for a state that does not change by itself.
 * @param waitedMs how long this state has lasted
 */
export function pauseMs(state: PortalState, waitedMs: number): number | null {
  if (state.name !== 'signed-in') return null
  switch (state.activation.step) {
    case 'CONFIRM_EMAIL':
    case 'WAIT_FOR_FIRST_USER':
    case 'GIVE_CONSENT':
    case 'PROVISIONING':
      return waitedMs < PATIENT_AFTER_MS ? 2000 : 8000
    case 'ERROR':
      // The server retries after a transient error.
      return 15_000
    default:
      return null
  }
}
