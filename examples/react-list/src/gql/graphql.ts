/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** A span of time; the fields that are given hold together. */
export type DateTimeRange = {
  /** At this time or later. */
  gte?: string | null | undefined;
  /** Before this time. */
  lt?: string | null | undefined;
};

/** Who has to act first. */
export type Fixer =
  /** Cisco; report it with the tracking ID. */
  | 'CISCO'
  /** Nobody: it goes on by itself. */
  | 'NOBODY'
  /** The service provider's administrator. */
  | 'PARTNER_ADMIN'
  /** The user. */
  | 'USER'
  | '%future added value';

/** Package of Webex for BroadWorks. */
export type PackageType =
  /** Calling, messaging, meetings in spaces up to 25 people; no Personal Meeting Room. */
  | 'BASIC'
  /** As Standard; up to 300 people in spaces, 1,000 in the Personal Meeting Room. */
  | 'PREMIUM'
  /** Calling only: no messaging, no meetings. */
  | 'SOFTPHONE'
  /** As Basic; meetings in spaces and in the Personal Meeting Room up to 100 people. */
  | 'STANDARD'
  | '%future added value';

/** Which users: all given fields hold together. A field that is null or missing is no condition; an empty list matches nothing. */
export type ProvisionedUserFilter = {
  /** Stuck for this cause: a `key` of `causes`. A key that fits nobody matches nothing. */
  causeKey?: string | null | undefined;
  /** When they were handed over. */
  createdAt?: DateTimeRange | null | undefined;
  /** Of one of these customers; 1,000 at most. */
  customerIds?: Array<string | number> | null | undefined;
  /** In ERROR with one of these codes: the code that decides the diagnosis, the first that Webex gave. */
  errorCodes?: Array<number> | null | undefined;
  /** Leave out those who are PROVISIONED; false is no condition. */
  excludeProvisioned?: boolean | null | undefined;
  /** Whose diagnosis says that this one has to act. */
  fixer?: Fixer | null | undefined;
  /** When their status changed last. */
  lastStatusChange?: DateTimeRange | null | undefined;
  /** Of one of these onboarding templates; 1,000 at most. */
  onboardingTemplateIds?: Array<string | number> | null | undefined;
  /** With one of these packages; what they have, not what is requested. */
  packageTypes?: Array<PackageType> | null | undefined;
  /** 3 to 100 characters of the BroadWorks ID, the e-mail address or the name, in any case. */
  search?: string | null | undefined;
  /** Whether they activated alone. */
  selfActivated?: boolean | null | undefined;
  /** In one of these states. */
  statuses?: Array<UserStatus> | null | undefined;
};

/** Input of `retryActivation`. */
export type RetryActivationInput = {
  /** Address to activate with. By giving it you vouch for it: no validation mail is sent. Needed when no confirmed or vouched address is on record. */
  email?: string | null | undefined;
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: string | null | undefined;
  /** ID of the user. */
  userId: string | number;
};

/** What can be done about a user now. */
export type UserAction =
  /** Give another package: `changePackageType`. */
  | 'CHANGE_PACKAGE_TYPE'
  /** Delete the user here and at Webex: `deleteUser`. */
  | 'DELETE_USER'
  /** Have Webex send the consent mail again: `resendConsentEmail`. */
  | 'RESEND_CONSENT_EMAIL'
  /** Send the validation mail again. */
  | 'RESEND_VALIDATION_EMAIL'
  /** Start the activation again: `retryActivation`. */
  | 'RETRY_ACTIVATION'
  | '%future added value';

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
  | 'UPSTREAM_REFUSED'
  | '%future added value';

/** Where a user stands on the way to Webex. Stuck are the three pending ones and ERROR: they wait for a person. */
export type UserStatus =
  /** The last attempt failed; see `errors` and `diagnosis`. */
  | 'ERROR'
  /** No address is known yet: the user has to sign in to the portal, or an operator has to give one. */
  | 'PENDING_EMAIL_INPUT'
  /** The user typed an address and has not followed the link in the mail. */
  | 'PENDING_EMAIL_VALIDATION'
  /** The address belongs to an existing Webex account; its owner has to consent to the move. */
  | 'PENDING_USER_MIGRATION'
  /** Live. */
  | 'PROVISIONED'
  /** Webex is at work; minutes for the first user of a customer. */
  | 'PROVISIONING'
  /** A change of a live user is at work. */
  | 'UPDATING'
  | '%future added value';

export type RetryFormFragment = { id: string, email: string | null, firstName: string, lastName: string, availableActions: Array<UserAction> } & { ' $fragmentName'?: 'RetryFormFragment' };

export type RetryMutationVariables = Exact<{
  input: RetryActivationInput;
}>;


export type RetryMutation = { retryActivation: { provisionedUser: { ' $fragmentRefs'?: { 'UserItemFragment': UserItemFragment } } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> } | null };

export type UserItemFragment = (
  { id: string, broadworksId: string, firstName: string, lastName: string, status: UserStatus, lastStatusChange: string, customer: { id: string, name: string }, diagnosis: { cause: string, fixer: Fixer } | null }
  & { ' $fragmentRefs'?: { 'RetryFormFragment': RetryFormFragment } }
) & { ' $fragmentName'?: 'UserItemFragment' };

export type UserQueryVariables = Exact<{
  id: string | number;
}>;


export type UserQuery = { provisionedUser: { ' $fragmentRefs'?: { 'UserItemFragment': UserItemFragment } } | null };

export type UsersQueryVariables = Exact<{
  filter: ProvisionedUserFilter;
  after?: string | null | undefined;
}>;


export type UsersQuery = { provisionedUsers: { edges: Array<{ node: (
        { id: string }
        & { ' $fragmentRefs'?: { 'UserItemFragment': UserItemFragment } }
      ) }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } };

export const RetryFormFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RetryForm"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"availableActions"}}]}}]} as unknown as DocumentNode<RetryFormFragment, unknown>;
export const UserItemFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserItem"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"broadworksId"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"lastStatusChange"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"fixer"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"RetryForm"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RetryForm"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"availableActions"}}]}}]} as unknown as DocumentNode<UserItemFragment, unknown>;
export const RetryDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Retry"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RetryActivationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryActivation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"provisionedUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserItem"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RetryForm"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"availableActions"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserItem"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"broadworksId"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"lastStatusChange"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"fixer"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"RetryForm"}}]}}]} as unknown as DocumentNode<RetryMutation, RetryMutationVariables>;
export const UserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"User"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"provisionedUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserItem"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RetryForm"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"availableActions"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserItem"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"broadworksId"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"lastStatusChange"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"fixer"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"RetryForm"}}]}}]} as unknown as DocumentNode<UserQuery, UserQueryVariables>;
export const UsersDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Users"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUserFilter"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"provisionedUsers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserItem"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"endCursor"}},{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RetryForm"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"availableActions"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserItem"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProvisionedUser"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"broadworksId"}},{"kind":"Field","name":{"kind":"Name","value":"firstName"}},{"kind":"Field","name":{"kind":"Name","value":"lastName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"lastStatusChange"}},{"kind":"Field","name":{"kind":"Name","value":"customer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"diagnosis"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"fixer"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"RetryForm"}}]}}]} as unknown as DocumentNode<UsersQuery, UsersQueryVariables>;