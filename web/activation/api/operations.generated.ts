/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Where a user stands on the way through the portal. */
export type ActivationStep =
  /** A mail was sent to the address; its link leads on. `submitEmail` sends another one. */
  | 'CONFIRM_EMAIL'
  /** Webex is ready. */
  | 'DONE'
  /** An e-mail address is needed: `submitEmail`. */
  | 'ENTER_EMAIL'
  /** It did not work: `error` says why, and `tryAgain` leads back where `canTryAgain` is true. */
  | 'ERROR'
  /** The address has a Webex account already; Webex has asked its owner by mail to agree to the move. */
  | 'GIVE_CONSENT'
  /** Webex is at work; minutes for the first user of a customer, seconds for the others. */
  | 'PROVISIONING'
  /** The address is confirmed; it goes on by itself once the first user of the customer is active. */
  | 'WAIT_FOR_FIRST_USER';

/** That the user got the mail. */
export type ConfirmEmailInput = {
  /** The token in the link of the mail. */
  token: string;
};

/** Who signs in, and where. */
export type SignInInput = {
  /** BroadWorks ID, in any case of its letters. */
  broadworksId: string;
  /** Key of the activation link: its part after `/activate/`. */
  link: string;
  /** Password in BroadWorks, or the activation passcode where the provider gives those out. */
  password: string;
};

/** The address for Webex. */
export type SubmitEmailInput = {
  /** E-mail address of the user, 254 characters at most. */
  email: string;
};

/** What is wrong with a request that its caller can mend. */
export type UserErrorCode =
  /** An e-mail address is needed, and none that is confirmed or vouched for is on record. */
  | 'EMAIL_REQUIRED'
  /** The filter selects another number of users than expected. */
  | 'EXPECTED_COUNT_MISMATCH'
  /** The idempotency key was used with another input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** A value has a form or a content that is not allowed. */
  | 'INVALID'
  /** The object is in a state that does not allow the action; see `availableActions`. */
  | 'INVALID_STATE'
  /** More objects than one request may name. */
  | 'LIMIT_EXCEEDED'
  /** There is no such object, or none that the caller may see. */
  | 'NOT_FOUND'
  /** A value is missing or empty. */
  | 'REQUIRED'
  /** Another object has this value already, and it has to be unique. */
  | 'TAKEN'
  /** The template has customers, so it cannot be deleted. */
  | 'TEMPLATE_IN_USE'
  /** A text is longer than allowed. */
  | 'TOO_LONG'
  /** Webex refused the call. */
  | 'UPSTREAM_REFUSED';

export type ArrivalQueryVariables = Exact<{
  link: string;
}>;


export type ArrivalQuery = { activationLink: { partnerName: string, ready: boolean } | null, activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null };

export type CurrentActivationQueryVariables = Exact<{ [key: string]: never; }>;


export type CurrentActivationQuery = { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null };

export type SignInMutationVariables = Exact<{
  input: SignInInput;
}>;


export type SignInMutation = { signIn: { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> } | null };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: { userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> } | null };

export type SubmitEmailMutationVariables = Exact<{
  input: SubmitEmailInput;
}>;


export type SubmitEmailMutation = { submitEmail: { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> } | null };

export type ConfirmEmailMutationVariables = Exact<{
  input: ConfirmEmailInput;
}>;


export type ConfirmEmailMutation = { confirmEmail: { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> } | null };

export type TryAgainMutationVariables = Exact<{ [key: string]: never; }>;


export type TryAgainMutation = { tryAgain: { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> } | null };

export type ResendConsentEmailMutationVariables = Exact<{ [key: string]: never; }>;


export type ResendConsentEmailMutation = { resendConsentEmail: { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> } | null };

export type SignedInFragment = { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> };

export type ChangedFragment = { activation: { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null } | null, userErrors: Array<{ code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null }> };

export type ActivationFragment = { step: ActivationStep, broadworksId: string | null, firstName: string, partnerName: string, email: string | null, emailWarning: string | null, linkExpiresAt: string | null, canTryAgain: boolean, activationLink: string | null, error: { code: number | null, message: string } | null };

export type UserErrorFragment = { code: UserErrorCode, message: string, field: Array<string> | null, catalogCode: number | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const ActivationFragmentDoc = new TypedDocumentString(`
    fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
    `, {"fragmentName":"Activation"}) as unknown as TypedDocumentString<ActivationFragment, unknown>;
export const UserErrorFragmentDoc = new TypedDocumentString(`
    fragment UserError on UserError {
  code
  message
  field
  catalogCode
}
    `, {"fragmentName":"UserError"}) as unknown as TypedDocumentString<UserErrorFragment, unknown>;
export const SignedInFragmentDoc = new TypedDocumentString(`
    fragment SignedIn on SignInPayload {
  activation {
    ...Activation
  }
  userErrors {
    ...UserError
  }
}
    fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`, {"fragmentName":"SignedIn"}) as unknown as TypedDocumentString<SignedInFragment, unknown>;
export const ChangedFragmentDoc = new TypedDocumentString(`
    fragment Changed on ActivationPayload {
  activation {
    ...Activation
  }
  userErrors {
    ...UserError
  }
}
    fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`, {"fragmentName":"Changed"}) as unknown as TypedDocumentString<ChangedFragment, unknown>;
export const ArrivalDocument = new TypedDocumentString(`
    query Arrival($link: String!) {
  activationLink(link: $link) {
    partnerName
    ready
  }
  activation {
    ...Activation
  }
}
    fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}`) as unknown as TypedDocumentString<ArrivalQuery, ArrivalQueryVariables>;
export const CurrentActivationDocument = new TypedDocumentString(`
    query CurrentActivation {
  activation {
    ...Activation
  }
}
    fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}`) as unknown as TypedDocumentString<CurrentActivationQuery, CurrentActivationQueryVariables>;
export const SignInDocument = new TypedDocumentString(`
    mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    ...SignedIn
  }
}
    fragment SignedIn on SignInPayload {
  activation {
    ...Activation
  }
  userErrors {
    ...UserError
  }
}
fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`) as unknown as TypedDocumentString<SignInMutation, SignInMutationVariables>;
export const SignOutDocument = new TypedDocumentString(`
    mutation SignOut {
  signOut {
    userErrors {
      ...UserError
    }
  }
}
    fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;
export const SubmitEmailDocument = new TypedDocumentString(`
    mutation SubmitEmail($input: SubmitEmailInput!) {
  submitEmail(input: $input) {
    ...Changed
  }
}
    fragment Changed on ActivationPayload {
  activation {
    ...Activation
  }
  userErrors {
    ...UserError
  }
}
fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`) as unknown as TypedDocumentString<SubmitEmailMutation, SubmitEmailMutationVariables>;
export const ConfirmEmailDocument = new TypedDocumentString(`
    mutation ConfirmEmail($input: ConfirmEmailInput!) {
  confirmEmail(input: $input) {
    ...Changed
  }
}
    fragment Changed on ActivationPayload {
  activation {
    ...Activation
  }
  userErrors {
    ...UserError
  }
}
fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`) as unknown as TypedDocumentString<ConfirmEmailMutation, ConfirmEmailMutationVariables>;
export const TryAgainDocument = new TypedDocumentString(`
    mutation TryAgain {
  tryAgain {
    ...Changed
  }
}
    fragment Changed on ActivationPayload {
  activation {
    ...Activation
  }
  userErrors {
    ...UserError
  }
}
fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`) as unknown as TypedDocumentString<TryAgainMutation, TryAgainMutationVariables>;
export const ResendConsentEmailDocument = new TypedDocumentString(`
    mutation ResendConsentEmail {
  resendConsentEmail {
    ...Changed
  }
}
    fragment Changed on ActivationPayload {
  activation {
    ...Activation
  }
  userErrors {
    ...UserError
  }
}
fragment Activation on Activation {
  step
  broadworksId
  firstName
  partnerName
  email
  emailWarning
  linkExpiresAt
  error {
    code
    message
  }
  canTryAgain
  activationLink
}
fragment UserError on UserError {
  code
  message
  field
  catalogCode
}`) as unknown as TypedDocumentString<ResendConsentEmailMutation, ResendConsentEmailMutationVariables>;