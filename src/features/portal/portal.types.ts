import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { UserError } from '../../graphql/payload'
import { DateTime, EmailAddress, Url } from '../../graphql/scalars'

/** The steps of the portal. */
export enum ActivationStep {
  ENTER_EMAIL = 'ENTER_EMAIL',
  CONFIRM_EMAIL = 'CONFIRM_EMAIL',
  WAIT_FOR_FIRST_USER = 'WAIT_FOR_FIRST_USER',
  GIVE_CONSENT = 'GIVE_CONSENT',
  PROVISIONING = 'PROVISIONING',
  DONE = 'DONE',
  ERROR = 'ERROR',
}

registerEnumType(ActivationStep, {
  name: 'ActivationStep',
  description: 'Where a user stands on the way through the portal.',
  valuesConfig: {
    ENTER_EMAIL: { description: 'An e-mail address is needed: `submitEmail`.' },
    CONFIRM_EMAIL: { description: 'A mail was sent to the address; its link leads on. `submitEmail` sends another one.' },
    WAIT_FOR_FIRST_USER: { description: 'The address is confirmed; it goes on by itself once the first user of the customer is active.' },
    GIVE_CONSENT: { description: 'The address has a Webex account already; Webex has asked its owner by mail to agree to the move.' },
    PROVISIONING: { description: 'Webex is at work; minutes for the first user of a customer, seconds for the others.' },
    DONE: { description: 'Webex is ready.' },
    ERROR: { description: 'It did not work: `error` says why, and `tryAgain` leads back where `canTryAgain` is true.' },
  },
})

@ObjectType({ description: 'Why it did not work.', simpleResolvers: true })
export class ActivationError {
  @Field(() => Int, { nullable: true, description: 'Code for the help desk, for example 200049; null where Webex gave none.' })
  code: number | null

  @Field(() => String, {
    description: 'What happened and what to do, in plain words in the language of `Accept-Language` (en, it, de, fr, es).',
  })
  message: string
}

@ObjectType({ description: 'How far the user of the session is.', simpleResolvers: true })
export class Activation {
  @Field(() => ActivationStep, { description: 'Where the user stands.' })
  step: ActivationStep

  @Field(() => String, {
    nullable: true,
    description: 'BroadWorks ID of the user, for example `95547321@sp.com`; null where the session is not that of this user.',
  })
  broadworksId: string | null

  @Field(() => String, { description: 'First name of the user.' })
  firstName: string

  @Field(() => String, { description: 'Name of the telephone provider, whom the user asks for help.' })
  partnerName: string

  @Field(() => EmailAddress, {
    nullable: true,
    description: 'Address that the user gave; before that, one to begin with where one is known.',
  })
  email: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What the user should know about the address, in the language of `Accept-Language`; null when there is nothing.',
  })
  emailWarning: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until when the link in the last mail works; null in every step but CONFIRM_EMAIL.',
  })
  linkExpiresAt: string | null

  @Field(() => ActivationError, { nullable: true, description: 'Why it did not work; null when nothing is wrong.' })
  error: ActivationError | null

  @Field(() => Boolean, { description: 'Whether `tryAgain` leads on.' })
  canTryAgain: boolean

  @Field(() => Url, {
    nullable: true,
    description: 'Activation link of the provider, where the user can sign in again; null where the session is not that of this user.',
  })
  activationLink: string | null
}

@ObjectType({ description: 'An activation link that leads somewhere.', simpleResolvers: true })
export class ActivationLink {
  @Field(() => String, { description: 'Name of the telephone provider.' })
  partnerName: string

  @Field(() => Boolean, { description: 'Whether users can activate with it now; if not, they have to ask their provider.' })
  ready: boolean
}

@InputType({ description: 'Who signs in, and where.' })
export class SignInInput {
  @Field(() => String, { description: 'Key of the activation link: its part after `/activate/`.' })
  link: string

  @Field(() => String, { description: 'BroadWorks ID, in any case of its letters.' })
  broadworksId: string

  @Field(() => String, { description: 'Password in BroadWorks, or the activation passcode where the provider gives those out.' })
  password: string
}

@InputType({ description: 'The address for Webex.' })
export class SubmitEmailInput {
  @Field(() => String, { description: 'E-mail address of the user, 254 characters at most.' })
  email: string
}

@InputType({ description: 'That the user got the mail.' })
export class ConfirmEmailInput {
  @Field(() => String, { description: 'The token in the link of the mail.' })
  token: string
}

/** Payload of every step of the portal. */
@ObjectType({ simpleResolvers: true })
export abstract class StepPayload {
  @Field(() => Activation, { nullable: true, description: 'How far the user is now; null when there are user errors.' })
  activation?: Activation | null

  @Field(() => [UserError], { description: 'What the user can mend; empty when it was done.' })
  userErrors: UserError[]
}

@ObjectType({ description: 'Answer of `signIn`.', simpleResolvers: true })
export class SignInPayload extends StepPayload {}

@ObjectType({ description: 'Answer of a step of the portal.', simpleResolvers: true })
export class ActivationPayload extends StepPayload {}

@ObjectType({ description: 'Answer of `signOut`.', simpleResolvers: true })
export class SignOutPayload {
  @Field(() => [UserError], { description: 'Always empty: who has no session is signed out already.' })
  userErrors: UserError[]
}
