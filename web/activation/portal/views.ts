import type { Activation, PortalState } from './portal-state'

/** The stages that the progress shows, in their order. */
export const STAGES = ['signIn', 'email', 'confirm', 'ready'] as const

/** What the page can show, by the name of its texts, and the stage that it belongs to; null where there is no progress to speak of. */
export const VIEWS = {
  arriving: null,
  wrongLink: null,
  notReady: null,
  signIn: 0,
  enterEmail: 1,
  confirmEmail: 2,
  emailNotSent: 2,
  waitForFirstUser: 3,
  giveConsent: 3,
  provisioning: 3,
  error: 3,
  done: 4,
  confirmLink: 2,
  linkIncomplete: null,
  confirmed: 3,
} as const satisfies Record<string, number | null>

export type View = keyof typeof VIEWS

const VIEW_OF_STEP = {
  ENTER_EMAIL: 'enterEmail',
  CONFIRM_EMAIL: 'confirmEmail',
  WAIT_FOR_FIRST_USER: 'waitForFirstUser',
  GIVE_CONSENT: 'giveConsent',
  PROVISIONING: 'provisioning',
  DONE: 'done',
  ERROR: 'error',
} as const

export function viewOf(state: PortalState): View {
  switch (state.name) {
    case 'arriving':
      return 'arriving'
    case 'wrong-link':
      return 'wrongLink'
    case 'not-ready':
      return 'notReady'
    case 'signed-out':
      return 'signIn'
    case 'signed-in':
      return viewOfStep(state.activation)
  }
}

function viewOfStep({ step, error }: Activation): View {
  // With an error, no mail was sent.
  return step === 'CONFIRM_EMAIL' && error !== null ? 'emailNotSent' : VIEW_OF_STEP[step]
}
