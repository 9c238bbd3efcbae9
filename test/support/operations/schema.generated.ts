export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A point in time as RFC 3339 in UTC with milliseconds, for example `2026-11-22T09:30:00.000Z`. */
  DateTime: { input: string; output: string; }
  /** An e-mail address, for example `ann@example.com`. */
  EmailAddress: { input: string; output: string; }
  /** A language tag as in BCP 47, for example `en` or `it-IT`. */
  Locale: { input: string; output: string; }
  /** An absolute `http` or `https` URL. */
  URL: { input: string; output: string; }
};

/** One try to provision or update a user at Webex, from its start to its outcome. All attempts of a user are kept. */
export type ActivationAttempt = Node & {
  /** Who asked for it: the name of a token, or of a part of this server. */
  actor: Scalars['String']['output'];
  /** Address that was used; null when only an update was made. */
  email?: Maybe<Scalars['EmailAddress']['output']>;
  /** When it ended; null while it runs. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Errors that it ended with; empty when it had none. */
  errors: Array<ProvisioningError>;
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** How it ended. */
  outcome: AttemptOutcome;
  /** When it was asked for. */
  startedAt: Scalars['DateTime']['output'];
  /** Its calls to Webex in order, the polls of one wait as one step. */
  steps: Array<AttemptStep>;
  /** What started it. */
  trigger: AttemptTrigger;
};

/** A page of a list of ActivationAttempt objects. */
export type ActivationAttemptConnection = {
  /** The objects of this page with their cursors. */
  edges: Array<ActivationAttemptEdge>;
  /** The objects of this page, without cursors. */
  nodes: Array<ActivationAttempt>;
  /** Where this page lies. */
  pageInfo: PageInfo;
  /** How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond. */
  totalCount?: Maybe<Scalars['Int']['output']>;
};

/** One ActivationAttempt in a list, with its cursor. */
export type ActivationAttemptEdge = {
  /** Opaque position in this list and order. */
  cursor: Scalars['String']['output'];
  /** The object itself. */
  node: ActivationAttempt;
};

/** A bearer token of the partner API. The token itself is shown once, when it is made; only its hash is kept. */
export type ApiToken = {
  /** When the token was made. */
  createdAt: Scalars['DateTime']['output'];
  /** The only customers whose users its holder sees; null for all. */
  customerIds?: Maybe<Array<Scalars['ID']['output']>>;
  /** From then on the token is refused; null for never. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** ID of the token; not the secret. */
  id: Scalars['ID']['output'];
  /** Last use, to the minute; null when never used. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What the token is for; the audit log shows it as the actor. */
  name: Scalars['String']['output'];
  /** When the token was revoked; null while it is valid. */
  revokedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What its holder may do. */
  role: Role;
};

/** How an attempt ended. */
export type AttemptOutcome =
  /** The user was deleted meanwhile. */
  | 'CANCELLED'
  /** Webex refused, or the work ended in an error; see `errors`. */
  | 'FAILED'
  /** Webex waits for the consent of the owner of the address. */
  | 'PENDING_USER_MIGRATION'
  /** The user is live, or the change of a live user arrived. */
  | 'PROVISIONED'
  /** It has not ended. */
  | 'RUNNING';

/** One call to Webex within an attempt. */
export type AttemptStep = {
  /** When the answer came; for `follow`, the last of them. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** HTTP status of the answer; null when none came. */
  httpStatus?: Maybe<Scalars['Int']['output']>;
  /** What came of it, in a few words. */
  message?: Maybe<Scalars['String']['output']>;
  /** `precheck` (whether the new address can be used), `re-read` (where the user stands, before anything is deleted), `delete`, `create`, `look-up` (what Webex has, after an answer was lost or a duplicate refused), `update` or `follow` (polling until it ends). */
  name: Scalars['String']['output'];
  /** When the call was made; for `follow`, the first of them. */
  startedAt: Scalars['DateTime']['output'];
  /** ID that finds the call in Cisco's logs. */
  trackingId?: Maybe<Scalars['String']['output']>;
};

/** What started an attempt. */
export type AttemptTrigger =
  /** A mutation on one user. */
  | 'ADMIN'
  /** The hand-over by `provisionUser`. */
  | 'API'
  /** This server by itself, for example after the user consented to the move. */
  | 'AUTOMATIC'
  /** A bulk operation. */
  | 'BULK'
  /** The hand-over in a CSV import. */
  | 'IMPORT'
  /** The user, in the activation portal. */
  | 'PORTAL';

/** One field that a change touched. Secrets are never shown, neither before nor after. */
export type AuditChange = {
  /** Value after as text; null when there is none. */
  after?: Maybe<Scalars['String']['output']>;
  /** Value before as text; null when there was none. */
  before?: Maybe<Scalars['String']['output']>;
  /** Name of the field, as in the API. */
  field: Scalars['String']['output'];
};

/** Who changed what and when. Written in the transaction of the change, never altered, and kept when its target is gone. */
export type AuditEvent = Node & {
  /** What was done, for example `retryActivation` or `statusChanged`. */
  action: Scalars['String']['output'];
  /** Who did it: the name of a token, or of a part of this server. */
  actor: Scalars['String']['output'];
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** What changed, field by field; may be empty. The values of a person who was erased read `[erased]`. */
  changes: Array<AuditChange>;
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** ID of the request that made the change, as in errors and logs; null for background work. */
  requestId?: Maybe<Scalars['String']['output']>;
  /** ID of the object that was changed. */
  targetId: Scalars['ID']['output'];
  /** What people call the object, for example the BroadWorks ID of a user; `[erased]` of a person who was erased. */
  targetLabel: Scalars['String']['output'];
};

/** A page of a list of AuditEvent objects. */
export type AuditEventConnection = {
  /** The objects of this page with their cursors. */
  edges: Array<AuditEventEdge>;
  /** The objects of this page, without cursors. */
  nodes: Array<AuditEvent>;
  /** Where this page lies. */
  pageInfo: PageInfo;
  /** How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond. */
  totalCount?: Maybe<Scalars['Int']['output']>;
};

/** One AuditEvent in a list, with its cursor. */
export type AuditEventEdge = {
  /** Opaque position in this list and order. */
  cursor: Scalars['String']['output'];
  /** The object itself. */
  node: AuditEvent;
};

/** Which audit events: all given fields hold together; an empty list matches nothing. */
export type AuditEventFilter = {
  /** One of these was done, as `AuditEvent.action` names it. */
  actions?: InputMaybe<Array<Scalars['String']['input']>>;
  /** By one of these actors, as `AuditEvent.actor` names them. */
  actors?: InputMaybe<Array<Scalars['String']['input']>>;
  /** When it happened. */
  at?: InputMaybe<DateTimeRange>;
  /** About these customers and their users, also when they are gone; 1,000 at most. */
  customerIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** About one of these objects, also when they are gone; 1,000 at most. */
  targetIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** Input of `bulkChangePackageType`: exactly one of `filter` and `userIds`. */
export type BulkChangePackageTypeInput = {
  /** Change nothing: the operation is DONE at once and tells what would happen. */
  dryRun?: Scalars['Boolean']['input'];
  /** Number of users that you expect to be selected, for example `total` of a dry run; with another number nothing is started. */
  expectedCount?: InputMaybe<Scalars['Int']['input']>;
  /** All users whom a list with this filter shows when the operation starts. Exactly one way of selecting users may be given. */
  filter?: InputMaybe<ProvisionedUserFilter>;
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours starts nothing again and answers the same operation. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Package that the users are to have. */
  packageType: PackageType;
  /** These users, 1,000 at most; one who is not there is refused as NOT_FOUND in the results. */
  userIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** Answer of `bulkChangePackageType`. */
export type BulkChangePackageTypePayload = {
  /** The operation as it is now; null when there are user errors. */
  bulkOperation?: Maybe<BulkOperation>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `bulkDeleteUsers`: exactly one of `filter`, which has to name some condition, and `userIds`. From a configurable number of users on (BULK_DELETION_CONFIRM_FROM) `expectedCount` is required. */
export type BulkDeleteUsersInput = {
  /** Change nothing: the operation is DONE at once and tells what would happen. */
  dryRun?: Scalars['Boolean']['input'];
  /** Number of users that you expect to be selected, for example `total` of a dry run; with another number nothing is started. */
  expectedCount?: InputMaybe<Scalars['Int']['input']>;
  /** All users whom a list with this filter shows when the operation starts. Exactly one way of selecting users may be given. */
  filter?: InputMaybe<ProvisionedUserFilter>;
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours starts nothing again and answers the same operation. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** These users, 1,000 at most; one who is not there is refused as NOT_FOUND in the results. */
  userIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** Answer of `bulkDeleteUsers`. */
export type BulkDeleteUsersPayload = {
  /** The operation as it is now; null when there are user errors. */
  bulkOperation?: Maybe<BulkOperation>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** What a bulk operation does to each of its users. */
export type BulkKind =
  /** As `changePackageType`. */
  | 'CHANGE_PACKAGE_TYPE'
  /** As `deleteUser`. */
  | 'DELETE_USERS'
  /** As `retryActivation`. */
  | 'RETRY_ACTIVATION';

/** One action on many users. Whom it is about was settled when it started; each of them is handled once. */
export type BulkOperation = Node & {
  /** Who started it: the name of a token. */
  actor: Scalars['String']['output'];
  /** When it was started. */
  createdAt: Scalars['DateTime']['output'];
  /** How many were handled: `succeeded` and `failed` together. */
  done: Scalars['Int']['output'];
  /** Nothing is changed: it only tells what would happen. */
  dryRun: Scalars['Boolean']['output'];
  /** When it was done or cancelled; null while it runs. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** How many were refused. */
  failed: Scalars['Int']['output'];
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** What is done to each user. */
  kind: BulkKind;
  /** Package that the users are to have; null unless packages are changed. */
  packageType?: Maybe<PackageType>;
  /** What became of each user so far, in the order in which they are handled; of a dry run, those who would be refused. */
  results: BulkResultConnection;
  /** Where it stands. */
  status: BulkStatus;
  /** For how many it was done, or nothing had to be done; an attempt that was started may still fail at Webex. */
  succeeded: Scalars['Int']['output'];
  /** What it came to so far, most users first. */
  summary: Array<BulkSummary>;
  /** How many users it is about. */
  total: Scalars['Int']['output'];
};


/** One action on many users. Whom it is about was settled when it started; each of them is handled once. */
export type BulkOperationResultsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  failedOnly?: Scalars['Boolean']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of a list of BulkOperation objects. */
export type BulkOperationConnection = {
  /** The objects of this page with their cursors. */
  edges: Array<BulkOperationEdge>;
  /** The objects of this page, without cursors. */
  nodes: Array<BulkOperation>;
  /** Where this page lies. */
  pageInfo: PageInfo;
  /** How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond. */
  totalCount?: Maybe<Scalars['Int']['output']>;
};

/** One BulkOperation in a list, with its cursor. */
export type BulkOperationEdge = {
  /** Opaque position in this list and order. */
  cursor: Scalars['String']['output'];
  /** The object itself. */
  node: BulkOperation;
};

/** What a bulk operation came to for a user; in a dry run, what it would come to. */
export type BulkOutcome =
  /** It was done: the attempt was started, the user deleted, the package asked for or recorded. */
  | 'CHANGED'
  /** It could not be done; `userErrors` says why. */
  | 'REFUSED'
  /** The user is as asked already; nothing had to be done. */
  | 'UNCHANGED';

/** What a bulk operation came to for one user. */
export type BulkResult = Node & {
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** What it came to; in a dry run, what it would come to. */
  outcome: BulkOutcome;
  /** The user as it is now; null when it is not there, or not any more. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** Why it was refused; empty when it was not. */
  userErrors: Array<UserError>;
  /** ID of the user, as it was asked for. */
  userId: Scalars['ID']['output'];
};

/** A page of a list of BulkResult objects. */
export type BulkResultConnection = {
  /** The objects of this page with their cursors. */
  edges: Array<BulkResultEdge>;
  /** The objects of this page, without cursors. */
  nodes: Array<BulkResult>;
  /** Where this page lies. */
  pageInfo: PageInfo;
  /** How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond. */
  totalCount?: Maybe<Scalars['Int']['output']>;
};

/** One BulkResult in a list, with its cursor. */
export type BulkResultEdge = {
  /** Opaque position in this list and order. */
  cursor: Scalars['String']['output'];
  /** The object itself. */
  node: BulkResult;
};

/** Input of `bulkRetryActivation`: exactly one of `filter`, `userIds` and `items`. */
export type BulkRetryActivationInput = {
  /** Change nothing: the operation is DONE at once and tells what would happen. */
  dryRun?: Scalars['Boolean']['input'];
  /** Number of users that you expect to be selected, for example `total` of a dry run; with another number nothing is started. */
  expectedCount?: InputMaybe<Scalars['Int']['input']>;
  /** All users whom a list with this filter shows when the operation starts. Exactly one way of selecting users may be given. */
  filter?: InputMaybe<ProvisionedUserFilter>;
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours starts nothing again and answers the same operation. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** These users with an address each, 1,000 at most. */
  items?: InputMaybe<Array<BulkRetryItem>>;
  /** These users, 1,000 at most; one who is not there is refused as NOT_FOUND in the results. */
  userIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** Answer of `bulkRetryActivation`. */
export type BulkRetryActivationPayload = {
  /** The operation as it is now; null when there are user errors. */
  bulkOperation?: Maybe<BulkOperation>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** A user of a bulk retry, with the address to activate with. */
export type BulkRetryItem = {
  /** Address to activate with. By giving it you vouch for it: no validation mail is sent. */
  email: Scalars['String']['input'];
  /** ID of the user. */
  userId: Scalars['ID']['input'];
};

/** Where a bulk operation stands. */
export type BulkStatus =
  /** It was stopped before all were handled; `resumeBulkOperation` goes on with the rest. */
  | 'CANCELLED'
  /** Every user was handled. */
  | 'DONE'
  /** Users are being handled, one after another. */
  | 'RUNNING';

/** Users of a bulk operation who fared alike. */
export type BulkSummary = {
  /** Why they were refused; null when they were not. */
  code?: Maybe<UserErrorCode>;
  /** How many users. */
  count: Scalars['Int']['output'];
  /** What it came to; in a dry run, what it would come to. */
  outcome: BulkOutcome;
  /** State in which they were before; null for those who are not there. */
  status?: Maybe<UserStatus>;
};

/** Input of `cancelBulkOperation`. */
export type CancelBulkOperationInput = {
  /** ID of the operation. */
  id: Scalars['ID']['input'];
};

/** Answer of `cancelBulkOperation`. */
export type CancelBulkOperationPayload = {
  /** The operation as it is now; null when there are user errors. */
  bulkOperation?: Maybe<BulkOperation>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** What is known of one numbered error of Webex, its portal or BroadWorks, in the language of `Accept-Language` (en, it). */
export type CatalogEntry = {
  /** Number of the error. */
  code: Scalars['Int']['output'];
  /** Who has to act first. */
  fixer: Fixer;
  /** What it means, in one plain sentence. */
  meaning: Scalars['String']['output'];
  /** Whether the same attempt can succeed later without a change. */
  retryable: Scalars['Boolean']['output'];
  /** What to do, in order. */
  steps: Array<Scalars['String']['output']>;
  /** Where it shows itself. */
  surface: ErrorSurface;
  /** Whether the meaning was read in a source of Cisco's; otherwise it is our best knowledge. */
  verified: Scalars['Boolean']['output'];
};

/** Input of `changePackageType`. */
export type ChangePackageTypeInput = {
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Package that the user is to have. */
  packageType: PackageType;
  /** ID of the user. */
  userId: Scalars['ID']['input'];
};

/** Answer of `changePackageType`. */
export type ChangePackageTypePayload = {
  /** The user as it is now; null when there are user errors. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `createApiToken`. */
export type CreateApiTokenInput = {
  /** The only customers whose users its holder sees, 100 at most; all when left out. */
  customerIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** From then on the token is refused; never when left out. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Up to 255 characters of your choice. The same key again within 24 hours answers the same token, without its secret. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** What the token is for, 1 to 100 characters; the audit log shows it as the actor. */
  name: Scalars['String']['input'];
  /** What its holder may do. */
  role: Role;
};

/** Answer of `createApiToken`. */
export type CreateApiTokenPayload = {
  /** The token; null when there are user errors. */
  apiToken?: Maybe<ApiToken>;
  /** The bearer token itself. It is shown this once; null in a replay of an idempotency key. */
  secret?: Maybe<Scalars['String']['output']>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `createOnboardingTemplate`. */
export type CreateOnboardingTemplateInput = {
  /** Country as in ISO 3166-1 alpha-2, for example `IT`. */
  countryCode: Scalars['String']['input'];
  /** Package of users that are handed over without one. */
  defaultPackageType: PackageType;
  /** Enterprise IDs end in a BroadWorks enterprise (true) or a group (false). New templates: true. */
  enterpriseMode?: InputMaybe<Scalars['Boolean']['input']>;
  /** BroadWorks hands users over by itself. New templates: true. */
  flowThrough?: InputMaybe<Scalars['Boolean']['input']>;
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Language of mails to users, as in BCP 47, for example `it`. */
  language: Scalars['String']['input'];
  /** Name of the template, 1 to 200 characters. */
  name: Scalars['String']['input'];
  /** Name that signs the mails to users, 1 to 200 characters. */
  partnerAdminName: Scalars['String']['input'];
  /** Provisioning ID that Partner Hub shows for the template. Only with the simulator may it be left out: one is made then. */
  provisioningId?: InputMaybe<Scalars['String']['input']>;
  /** Address of the service provider administrator. */
  serviceProviderAdminEmail: Scalars['String']['input'];
  /** User Verification settings. */
  userVerification?: InputMaybe<UserVerificationInput>;
  /** Xsi-Actions URL of the BroadWorks cluster, `https://…`; null without one. */
  xsiActionsUrl?: InputMaybe<Scalars['String']['input']>;
};

/** Answer of `createOnboardingTemplate`. */
export type CreateOnboardingTemplatePayload = {
  /** The template as it is now; null when there are user errors. */
  onboardingTemplate?: Maybe<OnboardingTemplate>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** A customer of the partner: one BroadWorks enterprise or group. It comes to be when its first user is onboarded. */
export type Customer = Node & {
  /** When the first user of the customer was handed over. */
  createdAt: Scalars['DateTime']['output'];
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** Name of the customer, as BroadWorks told it; else the part of the enterprise ID after `+`. */
  name: Scalars['String']['output'];
  /** The one onboarding template that the customer is on. */
  onboardingTemplate: OnboardingTemplate;
  /** Users of the customer. */
  provisionedUsers: ProvisionedUserConnection;
  /** Enterprise ID: `<service provider>+<enterprise or group>`, for example `SP1+acme`. Unique within a partner. */
  spEnterpriseId: Scalars['String']['output'];
  /** How many users of the customer are in each state, states without users included. */
  statusCounts: Array<UserStatusCount>;
  /** Last change of the customer itself, not of its users. */
  updatedAt: Scalars['DateTime']['output'];
  /** ID of the customer's Webex organisation, Base64; null until Webex told it. */
  webexOrgId?: Maybe<Scalars['String']['output']>;
};


/** A customer of the partner: one BroadWorks enterprise or group. It comes to be when its first user is onboarded. */
export type CustomerProvisionedUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProvisionedUserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ProvisionedUserOrder>;
};

/** A page of a list of Customer objects. */
export type CustomerConnection = {
  /** The objects of this page with their cursors. */
  edges: Array<CustomerEdge>;
  /** The objects of this page, without cursors. */
  nodes: Array<Customer>;
  /** Where this page lies. */
  pageInfo: PageInfo;
  /** How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond. */
  totalCount?: Maybe<Scalars['Int']['output']>;
};

/** One Customer in a list, with its cursor. */
export type CustomerEdge = {
  /** Opaque position in this list and order. */
  cursor: Scalars['String']['output'];
  /** The object itself. */
  node: Customer;
};

/** Which customers: all given fields hold together. */
export type CustomerFilter = {
  /** Whether they have users who are stuck: in a pending state or in ERROR. */
  hasStuckUsers?: InputMaybe<Scalars['Boolean']['input']>;
  /** On one of these onboarding templates; 1,000 at most, an empty list matches nothing. */
  onboardingTemplateIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** 3 to 100 characters of the name or the enterprise ID, in any case. */
  search?: InputMaybe<Scalars['String']['input']>;
};

/** How a list of customers is sorted. */
export type CustomerOrder = {
  /** Which end comes first. */
  direction: OrderDirection;
  /** What to sort by. */
  field: CustomerOrderField;
};

/** What a list of customers is sorted by; ties are broken by ID. */
export type CustomerOrderField =
  /** When their first user was handed over. */
  | 'CREATED_AT'
  /** Name in lower case, by code point. */
  | 'NAME';

/** A span of time; the fields that are given hold together. */
export type DateTimeRange = {
  /** At this time or later. */
  gte?: InputMaybe<Scalars['DateTime']['input']>;
  /** Before this time. */
  lt?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Input of `deleteOnboardingTemplate`. */
export type DeleteOnboardingTemplateInput = {
  /** ID of the template; it must have no customers. */
  id: Scalars['ID']['input'];
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** Answer of `deleteOnboardingTemplate`. */
export type DeleteOnboardingTemplatePayload = {
  /** ID of the template that is gone; null when there are user errors. */
  deletedOnboardingTemplateId?: Maybe<Scalars['ID']['output']>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `deleteUser`. */
export type DeleteUserInput = {
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** ID of the user. */
  userId: Scalars['ID']['input'];
};

/** Answer of `deleteUser`. */
export type DeleteUserPayload = {
  /** Customer to whom the user belonged. */
  customer?: Maybe<Customer>;
  /** ID of the user who is gone; null when there are user errors. */
  deletedUserId?: Maybe<Scalars['ID']['output']>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Why a user is not live, who can do something about it, and what. */
export type Diagnosis = {
  /** The customer's first user, who has to be live before this one can go on (`provisionAdminFirst`); null when nobody has to. */
  blockedBy?: Maybe<ProvisionedUser>;
  /** Why, in one plain sentence in the language of `Accept-Language` (en, it). */
  cause: Scalars['String']['output'];
  /** Who has to act first. */
  fixer: Fixer;
  /** When the server tries again by itself, in ERROR after a failure that may pass; null when a person has to act. */
  nextAttemptAt?: Maybe<Scalars['DateTime']['output']>;
  /** Whether it can go on without a change: by itself, or by the same attempt again. */
  retryable: Scalars['Boolean']['output'];
  /** What to do, in order. */
  steps: Array<Scalars['String']['output']>;
  /** Since when the user is stuck; null while something is at work. */
  stuckSince?: Maybe<Scalars['DateTime']['output']>;
};

/** Where an error shows itself. */
export type ErrorSurface =
  /** In the answer to a call of the Webex API. */
  | 'API'
  /** In the errors of a subscriber, after the call was accepted. */
  | 'ASYNC'
  /** In BroadWorks, when the service is assigned. */
  | 'BROADWORKS'
  /** In the status of a directory synchronization. */
  | 'DIRECTORY_SYNC'
  /** To the user, in the activation portal. */
  | 'PORTAL';

/** Input of `exportBulkResults`. */
export type ExportBulkResultsInput = {
  /** Only users who were refused. */
  failedOnly?: Scalars['Boolean']['input'];
  /** ID of the operation. */
  id: Scalars['ID']['input'];
  /** Language of the header, `en` or `it`; English when left out. */
  locale?: InputMaybe<Scalars['Locale']['input']>;
};

/** Answer of `exportBulkResults`. */
export type ExportBulkResultsPayload = {
  /** Where the CSV file is, for whoever has this URL: it needs no token. Null when there are user errors. */
  downloadUrl?: Maybe<Scalars['URL']['output']>;
  /** From then on no download can begin: ten minutes from now. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** How many users it has now. */
  rowCount?: Maybe<Scalars['Int']['output']>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Form of an exported file, in UTF-8. */
export type ExportFormat =
  /** For spreadsheets: RFC 4180 with a header and a byte order mark. An apostrophe stands before each cell that a spreadsheet would take for a formula, phone numbers too. */
  | 'CSV'
  /** For programs: a JSON object a line, with the names that this API has for the fields. */
  | 'JSONL';

/** Input of `exportUsers`. */
export type ExportUsersInput = {
  /** Which users; all when left out. */
  filter?: InputMaybe<ProvisionedUserFilter>;
  /** Form of the file. */
  format: ExportFormat;
  /** Language of the header and of explanations, `en` or `it`; English when left out, whatever `Accept-Language` says. */
  locale?: InputMaybe<Scalars['Locale']['input']>;
  /** Their order; newest hand-over first when left out. */
  orderBy?: InputMaybe<ProvisionedUserOrder>;
};

/** Answer of `exportUsers`. */
export type ExportUsersPayload = {
  /** Where the file is, for whoever has this URL: it needs no token. It gives the users as they are when the download begins. Null when there are user errors. */
  downloadUrl?: Maybe<Scalars['URL']['output']>;
  /** From then on no download can begin: ten minutes from now. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** How many users the filter selects now; null when counting them would take long. */
  rowCount?: Maybe<Scalars['Int']['output']>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
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
  | 'USER';

/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type Mutation = {
  /** Gives many users another package: at Webex to those who are live, else with the next attempt. For OPERATOR and ADMIN. */
  bulkChangePackageType?: Maybe<BulkChangePackageTypePayload>;
  /** Deletes many users, here at once when it is their turn and at Webex soon after. For ADMIN. */
  bulkDeleteUsers?: Maybe<BulkDeleteUsersPayload>;
  /** Starts the activation of many users again. Answers at once; follow `done` and `results`. Without an address of its own a user is retried with the confirmed or vouched one on record, or refused as EMAIL_REQUIRED. For OPERATOR and ADMIN. */
  bulkRetryActivation?: Maybe<BulkRetryActivationPayload>;
  /** Stops a running bulk operation within some users; who was handled stays handled. For OPERATOR and ADMIN. */
  cancelBulkOperation?: Maybe<CancelBulkOperationPayload>;
  /** Gives a user another package: at Webex for one who is live, else with the next attempt. For OPERATOR and ADMIN. */
  changePackageType?: Maybe<ChangePackageTypePayload>;
  /** Makes a token for a person or program. For ADMIN. */
  createApiToken?: Maybe<CreateApiTokenPayload>;
  /** Makes an onboarding template. For ADMIN. */
  createOnboardingTemplate?: Maybe<CreateOnboardingTemplatePayload>;
  /** Deletes a template that has no customers. For ADMIN. */
  deleteOnboardingTemplate?: Maybe<DeleteOnboardingTemplatePayload>;
  /** Deletes a user here at once and at Webex soon after; who is handed over again starts anew with another ID. For OPERATOR and ADMIN. */
  deleteUser?: Maybe<DeleteUserPayload>;
  /** Makes a URL to download what became of each user as CSV, for some minutes. For OPERATOR and ADMIN. */
  exportBulkResults?: Maybe<ExportBulkResultsPayload>;
  /** Makes a URL to download all users of a filter as a file, any number of them, for some minutes. For OPERATOR and ADMIN; it gives out what the caller may see. */
  exportUsers?: Maybe<ExportUsersPayload>;
  /** Asks Webex's precheck, and this server's own rules, whether up to 100 users could be provisioned; changes nothing. Answers within some 20 seconds. For OPERATOR and ADMIN. */
  precheckUsers?: Maybe<PrecheckUsersPayload>;
  /** Hands a user over. One who is there with the same data is answered unchanged. For OPERATOR and ADMIN. */
  provisionUser?: Maybe<ProvisionUserPayload>;
  /** Hands up to 100 users over, each by itself: those that are refused do not stop the others. For OPERATOR and ADMIN. */
  provisionUsers?: Maybe<ProvisionUsersPayload>;
  /** Has Webex send the mail again in which the owner of an existing account consents to the move. For OPERATOR and ADMIN. */
  resendConsentEmail?: Maybe<ResendConsentEmailPayload>;
  /** Sends the validation mail again, to the address that the user typed; the link of the mail before is void. Five mails to one user within an hour, whoever asks. For OPERATOR and ADMIN. */
  resendValidationEmail?: Maybe<ResendValidationEmailPayload>;
  /** Goes on with a cancelled bulk operation where it stopped. For OPERATOR and ADMIN; of a deletion, for ADMIN. */
  resumeBulkOperation?: Maybe<ResumeBulkOperationPayload>;
  /** Ends the pause of a template, once its cause has been mended: what waited goes on. For ADMIN. */
  resumeOnboardingTemplate?: Maybe<ResumeOnboardingTemplatePayload>;
  /** Starts the activation of a stuck user again. Answers at once; follow `status` and `attempts`. For OPERATOR and ADMIN. */
  retryActivation?: Maybe<RetryActivationPayload>;
  /** Makes a token worthless from the next request on. For ADMIN. */
  revokeApiToken?: Maybe<RevokeApiTokenPayload>;
  /** Gives the template a new activation link; the old one is void at once. For ADMIN. */
  rotateActivationLink?: Maybe<RotateActivationLinkPayload>;
  /** Brings customers and users up to date from Webex. A run that is under way goes on; a full one that is asked for meanwhile follows it. For ADMIN. */
  startSync?: Maybe<StartSyncPayload>;
  /** Changes settings of a template, or completes an imported one. For ADMIN. */
  updateOnboardingTemplate?: Maybe<UpdateOnboardingTemplatePayload>;
  /** Changes names and numbers of a user: at Webex for one who is live, else with the next attempt. For OPERATOR and ADMIN. */
  updateProvisionedUser?: Maybe<UpdateProvisionedUserPayload>;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationBulkChangePackageTypeArgs = {
  input: BulkChangePackageTypeInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationBulkDeleteUsersArgs = {
  input: BulkDeleteUsersInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationBulkRetryActivationArgs = {
  input: BulkRetryActivationInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationCancelBulkOperationArgs = {
  input: CancelBulkOperationInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationChangePackageTypeArgs = {
  input: ChangePackageTypeInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationCreateApiTokenArgs = {
  input: CreateApiTokenInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationCreateOnboardingTemplateArgs = {
  input: CreateOnboardingTemplateInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationDeleteOnboardingTemplateArgs = {
  input: DeleteOnboardingTemplateInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationDeleteUserArgs = {
  input: DeleteUserInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationExportBulkResultsArgs = {
  input: ExportBulkResultsInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationExportUsersArgs = {
  input: ExportUsersInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationPrecheckUsersArgs = {
  input: PrecheckUsersInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationProvisionUserArgs = {
  input: ProvisionUserInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationProvisionUsersArgs = {
  input: ProvisionUsersInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationResendConsentEmailArgs = {
  input: ResendConsentEmailInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationResendValidationEmailArgs = {
  input: ResendValidationEmailInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationResumeBulkOperationArgs = {
  input: ResumeBulkOperationInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationResumeOnboardingTemplateArgs = {
  input: ResumeOnboardingTemplateInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationRetryActivationArgs = {
  input: RetryActivationInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationRevokeApiTokenArgs = {
  input: RevokeApiTokenInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationRotateActivationLinkArgs = {
  input: RotateActivationLinkInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationStartSyncArgs = {
  input: StartSyncInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationUpdateOnboardingTemplateArgs = {
  input: UpdateOnboardingTemplateInput;
};


/** What can be changed. What a caller can mend is answered in `userErrors`, everything else in the errors of the request. */
export type MutationUpdateProvisionedUserArgs = {
  input: UpdateProvisionedUserInput;
};

/** An object with a global ID, which `Query.node` finds again. */
export type Node = {
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
};

/** How users are onboarded: the settings that customers share. Partner Hub calls it an onboarding template. */
export type OnboardingTemplate = Node & {
  /** Why users of the template are stuck, the cause of most of them first. */
  causes: Array<StuckCause>;
  /** Country as in ISO 3166-1 alpha-2, for example `IT`; null only while imported and not completed. */
  countryCode?: Maybe<Scalars['String']['output']>;
  /** When the template came to be here. */
  createdAt: Scalars['DateTime']['output'];
  /** Customers on the template. */
  customers: CustomerConnection;
  /** Package of users that are handed over without one. */
  defaultPackageType: PackageType;
  /** The part of an enterprise ID after `+` is a BroadWorks enterprise (true) or a group (false). */
  enterpriseMode: Scalars['Boolean']['output'];
  /** BroadWorks hands users over by itself (flow-through provisioning). */
  flowThrough: Scalars['Boolean']['output'];
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** Whether the template was found at Webex rather than made here; some settings may be unknown then. */
  imported: Scalars['Boolean']['output'];
  /** Language of mails to users, as in BCP 47; null only while imported and not completed. */
  language?: Maybe<Scalars['Locale']['output']>;
  /** Name of the template, 1 to 200 characters. */
  name: Scalars['String']['output'];
  /** Name that signs the mails to users; null only while imported and not completed. */
  partnerAdminName?: Maybe<Scalars['String']['output']>;
  /** Why automatic and bulk work of the template waits until `resumeOnboardingTemplate`; null when it does not. What a person asks for goes through. */
  paused?: Maybe<TemplatePause>;
  /** Users of all customers on the template: what Partner Hub shows as User Status. */
  provisionedUsers: ProvisionedUserConnection;
  /** Provisioning ID that Partner Hub shows for the template: unpadded Base64. Unique within a partner. */
  provisioningId: Scalars['String']['output'];
  /** Service provider administrator who gets delegated rights on new organisations; null only while imported and not completed. */
  serviceProviderAdminEmail?: Maybe<Scalars['EmailAddress']['output']>;
  /** How many users of the template are in each state, states without users included. */
  statusCounts: Array<UserStatusCount>;
  /** Last change of a setting. */
  updatedAt: Scalars['DateTime']['output'];
  /** How users prove who they are, and whether they can activate alone. */
  userVerification: UserVerification;
  /** Xsi-Actions URL of the BroadWorks cluster, at which the portal checks passwords; null without one. */
  xsiActionsUrl?: Maybe<Scalars['URL']['output']>;
};


/** How users are onboarded: the settings that customers share. Partner Hub calls it an onboarding template. */
export type OnboardingTemplateCausesArgs = {
  first?: Scalars['Int']['input'];
};


/** How users are onboarded: the settings that customers share. Partner Hub calls it an onboarding template. */
export type OnboardingTemplateCustomersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CustomerFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<CustomerOrder>;
};


/** How users are onboarded: the settings that customers share. Partner Hub calls it an onboarding template. */
export type OnboardingTemplateProvisionedUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProvisionedUserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ProvisionedUserOrder>;
};

/** A page of a list of OnboardingTemplate objects. */
export type OnboardingTemplateConnection = {
  /** The objects of this page with their cursors. */
  edges: Array<OnboardingTemplateEdge>;
  /** The objects of this page, without cursors. */
  nodes: Array<OnboardingTemplate>;
  /** Where this page lies. */
  pageInfo: PageInfo;
  /** How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond. */
  totalCount?: Maybe<Scalars['Int']['output']>;
};

/** One OnboardingTemplate in a list, with its cursor. */
export type OnboardingTemplateEdge = {
  /** Opaque position in this list and order. */
  cursor: Scalars['String']['output'];
  /** The object itself. */
  node: OnboardingTemplate;
};

/** Which end of a list comes first. */
export type OrderDirection =
  /** Smallest, oldest, or first in the alphabet first. */
  | 'ASC'
  /** Largest, newest, or last in the alphabet first. */
  | 'DESC';

/** Package of Webex for BroadWorks. */
export type PackageType =
  /** Calling, messaging, meetings in spaces up to 25 people; no Personal Meeting Room. */
  | 'BASIC'
  /** As Standard; up to 300 people in spaces, 1,000 in the Personal Meeting Room. */
  | 'PREMIUM'
  /** Calling only: no messaging, no meetings. */
  | 'SOFTPHONE'
  /** As Basic; meetings in spaces and in the Personal Meeting Room up to 100 people. */
  | 'STANDARD';

/** Where a page lies in its list, as in the Relay cursor specification. */
export type PageInfo = {
  /** Cursor of the last edge; null on an empty page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there is anything after the last edge. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there is anything before the first edge. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first edge; null on an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** A service provider: the tenant to whom everything else belongs. */
export type Partner = Node & {
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** Name of the service provider. */
  name: Scalars['String']['output'];
};

/** Somebody to look at before anything is done: a user who would get another address, by `userId` alone, or a user who would be handed over, by whatever is known of the hand-over. */
export type PrecheckItem = {
  /** User ID in BroadWorks, up to 161 characters. */
  broadworksId?: InputMaybe<Scalars['String']['input']>;
  /** Address that the user would get. */
  email: Scalars['String']['input'];
  /** Extension, up to 20 digits. */
  extension?: InputMaybe<Scalars['String']['input']>;
  /** First name, up to 128 characters. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** Last name, up to 128 characters. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** Mobile phone number, for example `+1-818-279-1234`. */
  mobilePhoneNumber?: InputMaybe<Scalars['String']['input']>;
  /** Onboarding template that the user would be handed over on. */
  onboardingTemplateId?: InputMaybe<Scalars['ID']['input']>;
  /** Package; that of the template when left out and the template is given. */
  packageType?: InputMaybe<PackageType>;
  /** Primary phone number, for example `+1-240-555-1212`. */
  primaryPhoneNumber?: InputMaybe<Scalars['String']['input']>;
  /** Enterprise ID, `<service provider>+<enterprise or group>`. */
  spEnterpriseId?: InputMaybe<Scalars['String']['input']>;
  /** The user who would get the address by `retryActivation`; none of the following fields goes with it. */
  userId?: InputMaybe<Scalars['ID']['input']>;
};

/** What would become of one user of `precheckUsers`. */
export type PrecheckResult = {
  /** Info code of Webex's answer: 100 when its precheck passed without a remark; null when it refused or was not asked. */
  infoCode?: Maybe<Scalars['Int']['output']>;
  /** What was found, in plain words. */
  message: Scalars['String']['output'];
  /** Nothing that can be seen from here speaks against it. */
  ok: Scalars['Boolean']['output'];
  /** What speaks against it; empty when `ok`. */
  userErrors: Array<UserError>;
  /** What may still go wrong, and what Webex remarked; never empty, because no precheck sees everything. */
  warnings: Array<Scalars['String']['output']>;
};

/** Input of `precheckUsers`. */
export type PrecheckUsersInput = {
  /** Whom to look at, 100 at most; each is looked at by itself. */
  users: Array<PrecheckItem>;
};

/** Answer of `precheckUsers`. */
export type PrecheckUsersPayload = {
  /** One for each given user, in their order; null when the request as a whole was refused. */
  results?: Maybe<Array<PrecheckResult>>;
  /** What is wrong with the request as a whole; empty when each user was looked at. */
  userErrors: Array<UserError>;
};

/** Input of `provisionUser`. */
export type ProvisionUserInput = {
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same users. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The user. */
  user: ProvisionUserItem;
};

/** A user to hand over, as BroadWorks would. */
export type ProvisionUserItem = {
  /** Password for the portal where BroadWorks cannot be asked, 4 to 128 characters. Only its hash is kept. */
  activationPasscode?: InputMaybe<Scalars['String']['input']>;
  /** User ID in BroadWorks, 1 to 161 characters. */
  broadworksId: Scalars['String']['input'];
  /** Name of the customer, used when this user makes it; else the part of the enterprise ID after `+`. */
  customerName?: InputMaybe<Scalars['String']['input']>;
  /** Address. By giving it you vouch for it, and provisioning starts; without one the user goes on in the portal. Needed when the template trusts addresses. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Extension, up to 20 digits; this or `primaryPhoneNumber` is needed. */
  extension?: InputMaybe<Scalars['String']['input']>;
  /** First name, 1 to 128 characters. */
  firstName: Scalars['String']['input'];
  /** Last name, 1 to 128 characters. */
  lastName: Scalars['String']['input'];
  /** Mobile phone number, for example `+1-818-279-1234`. */
  mobilePhoneNumber?: InputMaybe<Scalars['String']['input']>;
  /** Onboarding template of the customer. */
  onboardingTemplateId: Scalars['ID']['input'];
  /** Package; the template's default when left out. */
  packageType?: InputMaybe<PackageType>;
  /** Primary phone number, for example `+1-240-555-1212`; this or `extension` is needed. */
  primaryPhoneNumber?: InputMaybe<Scalars['String']['input']>;
  /** Enterprise ID, `<service provider>+<enterprise or group>`. The first user makes the customer. */
  spEnterpriseId: Scalars['String']['input'];
};

/** Answer of `provisionUser`. */
export type ProvisionUserPayload = {
  /** The user as it is now; null when there are user errors. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** What became of one user of `provisionUsers`. */
export type ProvisionUserResult = {
  /** The user; null when there are user errors. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `provisionUsers`. */
export type ProvisionUsersInput = {
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same users. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The users, 100 at most; each is taken over or refused by itself. */
  users: Array<ProvisionUserItem>;
};

/** Answer of `provisionUsers`. */
export type ProvisionUsersPayload = {
  /** One for each given user, in their order; null when the request as a whole was refused. */
  results?: Maybe<Array<ProvisionUserResult>>;
  /** What is wrong with the request as a whole; empty when each user was looked at. */
  userErrors: Array<UserError>;
};

/** A person whom BroadWorks handed over to get Webex, at whatever point of the way: one row of User Status in Partner Hub. */
export type ProvisionedUser = Node & {
  /** All attempts to provision or update the user, newest first. */
  attempts: ActivationAttemptConnection;
  /** What was changed of the user, newest first. */
  auditEvents: AuditEventConnection;
  /** What the caller can do about the user now. */
  availableActions: Array<UserAction>;
  /** User ID in BroadWorks, for example `95547321@sp.com`. Unique among the living users of a partner, whatever the case of its letters, but for a second one that Webex has of it (error 200044), whom only `id` finds; it may change hands, so store `id`. */
  broadworksId: Scalars['String']['output'];
  /** When the user was handed over. */
  createdAt: Scalars['DateTime']['output'];
  /** Customer to whom the user belongs. */
  customer: Customer;
  /** Why the user is not live and what can be done; null when PROVISIONED. */
  diagnosis?: Maybe<Diagnosis>;
  /** Address that the user gave, an operator vouched for, or BroadWorks suggested; null while none is known. */
  email?: Maybe<Scalars['EmailAddress']['output']>;
  /** Text to copy into a ticket: a line for each error, `<code> <what Webex said>`, then a line with BroadWorks ID, enterprise, tracking ID and time. Null unless in ERROR. */
  errorText?: Maybe<Scalars['String']['output']>;
  /** Errors of the last attempt; empty when it had none. */
  errors: Array<ProvisioningError>;
  /** Extension: up to 20 digits. */
  extension?: Maybe<Scalars['String']['output']>;
  /** First name, 1 to 128 characters. */
  firstName: Scalars['String']['output'];
  /** Global ID: opaque, stable, the same in the API, exports, logs and as federation key. */
  id: Scalars['ID']['output'];
  /** Last name, 1 to 128 characters. */
  lastName: Scalars['String']['output'];
  /** When the status changed last. */
  lastStatusChange: Scalars['DateTime']['output'];
  /** Mobile phone number as in BroadWorks, for example `+1-818-279-1234`. */
  mobilePhoneNumber?: Maybe<Scalars['String']['output']>;
  /** Onboarding template of the customer. */
  onboardingTemplate: OnboardingTemplate;
  /** Package that the user has; before the first provisioning, the one that is meant. */
  packageType: PackageType;
  /** What a pending user waits for, for example "waiting for e-mail", in the language of `Accept-Language` (en, it); null in every other state. */
  pendingRequirement?: Maybe<Scalars['String']['output']>;
  /** Primary phone number as in BroadWorks, for example `+1-240-555-1212`. */
  primaryPhoneNumber?: Maybe<Scalars['String']['output']>;
  /** Package that was asked for: non-null while its change runs or waits for the next attempt. */
  requestedPackageType?: Maybe<PackageType>;
  /** The user activated alone, without having been handed over. */
  selfActivated: Scalars['Boolean']['output'];
  /** Where the user stands. */
  status: UserStatus;
  /** Last change of anything shown here. */
  updatedAt: Scalars['DateTime']['output'];
  /** ID of the person at Webex, Base64; set once provisioned, and kept when a later update fails. */
  webexPersonId?: Maybe<Scalars['String']['output']>;
  /** ID of the subscriber at Webex, Base64; null while the user exists only here. */
  webexSubscriberId?: Maybe<Scalars['String']['output']>;
};


/** A person whom BroadWorks handed over to get Webex, at whatever point of the way: one row of User Status in Partner Hub. */
export type ProvisionedUserAttemptsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** A person whom BroadWorks handed over to get Webex, at whatever point of the way: one row of User Status in Partner Hub. */
export type ProvisionedUserAuditEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of a list of ProvisionedUser objects. */
export type ProvisionedUserConnection = {
  /** The objects of this page with their cursors. */
  edges: Array<ProvisionedUserEdge>;
  /** The objects of this page, without cursors. */
  nodes: Array<ProvisionedUser>;
  /** Where this page lies. */
  pageInfo: PageInfo;
  /** How many there are in all pages; counted only when selected. With a search: exact up to 10,000, null beyond. */
  totalCount?: Maybe<Scalars['Int']['output']>;
};

/** One ProvisionedUser in a list, with its cursor. */
export type ProvisionedUserEdge = {
  /** Opaque position in this list and order. */
  cursor: Scalars['String']['output'];
  /** The object itself. */
  node: ProvisionedUser;
};

/** Which users: all given fields hold together. A field that is null or missing is no condition; an empty list matches nothing. */
export type ProvisionedUserFilter = {
  /** Stuck for this cause: a `key` of `causes`. A key that fits nobody matches nothing. */
  causeKey?: InputMaybe<Scalars['String']['input']>;
  /** When they were handed over. */
  createdAt?: InputMaybe<DateTimeRange>;
  /** Of one of these customers; 1,000 at most. */
  customerIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** In ERROR with one of these codes: the code that decides the diagnosis, the first that Webex gave. */
  errorCodes?: InputMaybe<Array<Scalars['Int']['input']>>;
  /** Leave out those who are PROVISIONED; false is no condition. */
  excludeProvisioned?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whose diagnosis says that this one has to act. */
  fixer?: InputMaybe<Fixer>;
  /** When their status changed last. */
  lastStatusChange?: InputMaybe<DateTimeRange>;
  /** Of one of these onboarding templates; 1,000 at most. */
  onboardingTemplateIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** With one of these packages; what they have, not what is requested. */
  packageTypes?: InputMaybe<Array<PackageType>>;
  /** 3 to 100 characters of the BroadWorks ID, the e-mail address or the name, in any case. */
  search?: InputMaybe<Scalars['String']['input']>;
  /** Whether they activated alone. */
  selfActivated?: InputMaybe<Scalars['Boolean']['input']>;
  /** In one of these states. */
  statuses?: InputMaybe<Array<UserStatus>>;
};

/** How a list of users is sorted. */
export type ProvisionedUserOrder = {
  /** Which end comes first. */
  direction: OrderDirection;
  /** What to sort by. */
  field: ProvisionedUserOrderField;
};

/** What a list of users is sorted by; ties are broken by ID. */
export type ProvisionedUserOrderField =
  /** BroadWorks ID in lower case, by code point. */
  | 'BROADWORKS_ID'
  /** When they were handed over. */
  | 'CREATED_AT'
  /** Last name in lower case, by code point. */
  | 'LAST_NAME'
  /** When their status changed last. */
  | 'LAST_STATUS_CHANGE';

/** One error of an attempt, as Webex gave it and as we understand it. */
export type ProvisioningError = {
  /** What the catalogue knows of the code; null for an unknown one. */
  catalogEntry?: Maybe<CatalogEntry>;
  /** Number of the error; null when Webex gave none. */
  code?: Maybe<Scalars['Int']['output']>;
  /** HTTP status of the call that was refused; null for an error of background work, or without an answer. */
  httpStatus?: Maybe<Scalars['Int']['output']>;
  /** What it means, in the language of `Accept-Language` (en, it). */
  message: Scalars['String']['output'];
  /** ID that finds the call in Cisco's logs. */
  trackingId?: Maybe<Scalars['String']['output']>;
  /** What Webex said, untouched; null when it said nothing. */
  upstreamText?: Maybe<Scalars['String']['output']>;
};

/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type Query = {
  /** The tokens of the partner, newest first: all that are valid, 500 at most, and the last 500 that were revoked or have expired. For ADMIN. */
  apiTokens: Array<ApiToken>;
  /** Who changed what and when, newest first. */
  auditEvents: AuditEventConnection;
  /** One bulk operation; null when there is none. */
  bulkOperation?: Maybe<BulkOperation>;
  /** Bulk operations of the partner, newest first; a caller that is restricted to some customers sees its own. */
  bulkOperations: BulkOperationConnection;
  /** Why users are stuck, the cause of most of them first. */
  causes: Array<StuckCause>;
  /** One customer by exactly one of the arguments; null when there is none. */
  customer?: Maybe<Customer>;
  /** The partner's customers. */
  customers: CustomerConnection;
  /** All numbered errors that are known, by code, in the language of `Accept-Language` (en, it). */
  errorCatalog: Array<CatalogEntry>;
  /** Any object by its global ID; null when there is none. */
  node?: Maybe<Node>;
  /** Objects by their global IDs, in the order of the IDs, null for those that are not there. */
  nodes: Array<Maybe<Node>>;
  /** One template by exactly one of the arguments; null when there is none. */
  onboardingTemplate?: Maybe<OnboardingTemplate>;
  /** The partner's onboarding templates, newest first. */
  onboardingTemplates: OnboardingTemplateConnection;
  /** One user by exactly one of the arguments; null when there is none. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** The partner's users, whatever their customer or template. */
  provisionedUsers: ProvisionedUserConnection;
  /** How the caller stands. Never null for who asks over HTTP or WebSocket. */
  rateLimit?: Maybe<RateLimit>;
  /** How many users are in each state, states without users included. */
  statusCounts: Array<UserStatusCount>;
  /** What the sync of customers and users from Webex does or did last. Not for tokens that are restricted to some customers. */
  sync: SyncStatus;
  /** What became of users since a cursor was given, or in the last seven days. For clients that were away; `provisionedUserChanged` tells it as it happens. */
  userChanges: UserChangePage;
  /** Who asks. */
  viewer: Viewer;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryAuditEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AuditEventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryBulkOperationArgs = {
  id: Scalars['ID']['input'];
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryBulkOperationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryCausesArgs = {
  filter?: InputMaybe<ProvisionedUserFilter>;
  first?: Scalars['Int']['input'];
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryCustomerArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  spEnterpriseId?: InputMaybe<Scalars['String']['input']>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryCustomersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CustomerFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<CustomerOrder>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryNodesArgs = {
  ids: Array<Scalars['ID']['input']>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryOnboardingTemplateArgs = {
  id?: InputMaybe<Scalars['ID']['input']>;
  provisioningId?: InputMaybe<Scalars['String']['input']>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryOnboardingTemplatesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryProvisionedUserArgs = {
  broadworksId?: InputMaybe<Scalars['String']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryProvisionedUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProvisionedUserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<ProvisionedUserOrder>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryStatusCountsArgs = {
  filter?: InputMaybe<ProvisionedUserFilter>;
};


/** What can be read: the data of the partner that the token belongs to, nothing else. */
export type QueryUserChangesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};

/** What the caller may still ask for, in cost points. An object costs 1, and fifty plain values do; a request costs 10 at least, and a point for each 100 bytes of it. What a request may cost is taken before it is carried out, and what it did not need is given back after it. */
export type RateLimit = {
  /** Points that this request has taken; `extensions.cost.actual` of the answer tells what it came to. */
  cost: Scalars['Int']['output'];
  /** Points of a full budget; it is full again every minute. Ten times as many through a gateway. */
  limit: Scalars['Int']['output'];
  /** Points that are left while this request is carried out. */
  remaining: Scalars['Int']['output'];
  /** When the budget is full again. */
  resetAt: Scalars['DateTime']['output'];
};

/** Input of `resendConsentEmail`. */
export type ResendConsentEmailInput = {
  /** ID of the user. */
  userId: Scalars['ID']['input'];
};

/** Answer of `resendConsentEmail`. */
export type ResendConsentEmailPayload = {
  /** The user as it is now; null when there are user errors. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `resendValidationEmail`. */
export type ResendValidationEmailInput = {
  /** ID of the user, who must be in PENDING_EMAIL_VALIDATION. */
  userId: Scalars['ID']['input'];
};

/** Answer of `resendValidationEmail`. */
export type ResendValidationEmailPayload = {
  /** The user as it is now; null when there are user errors. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `resumeBulkOperation`. */
export type ResumeBulkOperationInput = {
  /** ID of the operation. */
  id: Scalars['ID']['input'];
};

/** Answer of `resumeBulkOperation`. */
export type ResumeBulkOperationPayload = {
  /** The operation as it is now; null when there are user errors. */
  bulkOperation?: Maybe<BulkOperation>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `resumeOnboardingTemplate`. */
export type ResumeOnboardingTemplateInput = {
  /** ID of the template. */
  id: Scalars['ID']['input'];
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** Answer of `resumeOnboardingTemplate`. */
export type ResumeOnboardingTemplatePayload = {
  /** The template as it is now; null when there are user errors. */
  onboardingTemplate?: Maybe<OnboardingTemplate>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `retryActivation`. */
export type RetryActivationInput = {
  /** Address to activate with. By giving it you vouch for it: no validation mail is sent. Needed when no confirmed or vouched address is on record. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** ID of the user. */
  userId: Scalars['ID']['input'];
};

/** Answer of `retryActivation`. */
export type RetryActivationPayload = {
  /** The user as it is now; null when there are user errors. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `revokeApiToken`. */
export type RevokeApiTokenInput = {
  /** ID of the token, not its secret. */
  id: Scalars['ID']['input'];
};

/** Answer of `revokeApiToken`. */
export type RevokeApiTokenPayload = {
  /** The revoked token; null when there are user errors. */
  apiToken?: Maybe<ApiToken>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** What the holder of a token may do; each role contains the one before. */
export type Role =
  /** Everything, onboarding templates and tokens included. */
  | 'ADMIN'
  /** Acts on users: retry, change package, delete, hand over; exports them. */
  | 'OPERATOR'
  /** Reads. */
  | 'VIEWER';

/** Input of `rotateActivationLink`. */
export type RotateActivationLinkInput = {
  /** ID of the template. */
  id: Scalars['ID']['input'];
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** Answer of `rotateActivationLink`. */
export type RotateActivationLinkPayload = {
  /** The template as it is now; null when there are user errors. */
  onboardingTemplate?: Maybe<OnboardingTemplate>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Where the share link of an onboarding template leads. */
export type ShareLinkTarget =
  /** To the User Activation Portal; what onboarding with untrusted e-mails needs. */
  | 'ACTIVATION'
  /** There is no link to share. */
  | 'NONE';

/** Input of `startSync`. */
export type StartSyncInput = {
  /** Delete whom Webex does not have any more, however many they are; only together with `full`. Otherwise a run fails rather than delete more than 100 users that are also more than 10 % of those who were at Webex: mostly the connection is that of another organization. */
  allowDeletions?: InputMaybe<Scalars['Boolean']['input']>;
  /** Read everything, and find out who is gone; only what changed when left out. The first run reads everything anyway. */
  full?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Answer of `startSync`. */
export type StartSyncPayload = {
  /** The run that is under way; null when there are user errors. */
  sync?: Maybe<SyncStatus>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Users who are stuck for one reason: of one template, in one state, with one package and, in ERROR, with one error. */
export type StuckCause = {
  /** Code of the error that decides the diagnosis; null unless in ERROR with a numbered error. */
  code?: Maybe<Scalars['Int']['output']>;
  /** How many users. */
  count: Scalars['Int']['output'];
  /** Who has to act first. */
  fixer: Fixer;
  /** What `causeKey` of a filter takes: exactly these users. Opaque; the same for as long as the cause is the same. */
  key: Scalars['String']['output'];
  /** Why, as the diagnosis of one of them says it, in the language of `Accept-Language` (en, it). */
  message: Scalars['String']['output'];
  /** Since when the last one is stuck. */
  newest: Scalars['DateTime']['output'];
  /** Since when the one who waits longest is stuck. */
  oldest: Scalars['DateTime']['output'];
  /** Onboarding template that they are on. */
  onboardingTemplate: OnboardingTemplate;
  /** Package that they have. */
  packageType?: Maybe<PackageType>;
  /** The three who are stuck since last, the last one first. */
  samples: Array<ProvisionedUser>;
  /** State in which they are stuck. */
  status: UserStatus;
};

/** What is told as it happens, over WebSocket (graphql-transport-ws): of the partner that the token belongs to, nothing else. */
export type Subscription = {
  /** A bulk operation as it is now, and whenever it has moved on; also when it is cancelled and resumed. Ends when the operation is done. */
  bulkOperationProgressed: BulkOperation;
  /** Tells of users who change, each with its latest state and in the order of the changes. Ends with RATE_LIMITED and the `cursor` to go on from when the client takes them too slowly. */
  provisionedUserChanged: UserChange;
  /** How many users are in each state: as it is now, and, at most once a second, whenever it has changed. */
  statusCountsChanged: Array<UserStatusCount>;
};


/** What is told as it happens, over WebSocket (graphql-transport-ws): of the partner that the token belongs to, nothing else. */
export type SubscriptionBulkOperationProgressedArgs = {
  id: Scalars['ID']['input'];
};


/** What is told as it happens, over WebSocket (graphql-transport-ws): of the partner that the token belongs to, nothing else. */
export type SubscriptionProvisionedUserChangedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserChangeFilter>;
};


/** What is told as it happens, over WebSocket (graphql-transport-ws): of the partner that the token belongs to, nothing else. */
export type SubscriptionStatusCountsChangedArgs = {
  customerId?: InputMaybe<Scalars['ID']['input']>;
  onboardingTemplateId?: InputMaybe<Scalars['ID']['input']>;
};

/** What a run is at. */
export type SyncPhase =
  /** Putting away what the run had to remember; in full runs only. */
  | 'CLEAN_UP'
  /** Asking one by one for those about whom the lists leave a doubt: in full runs, for users whom they did not show. */
  | 'CONFIRM'
  /** Reading the enterprises; in full runs only. */
  | 'ENTERPRISES'
  /** Reading the subscribers: all of them, or those that changed. */
  | 'SUBSCRIBERS';

/** Whether users and customers are being brought up to date from Webex. */
export type SyncState =
  /** The last run ended before it was done; `error` says why. */
  | 'FAILED'
  /** No run is under way; the last one ended well, or there was none. */
  | 'IDLE'
  /** A run is under way. */
  | 'RUNNING';

/** What the sync does or did last: it reads what Webex has of the partner, and brings customers and users here up to date. For callers who may see the whole partner. */
export type SyncStatus = {
  /** Users that the run has made, because they were not known here. */
  created: Scalars['Int']['output'];
  /** Users that the run has deleted, because Webex does not have them any more. */
  deleted: Scalars['Int']['output'];
  /** When the run ended; null while it is under way. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Enterprises that the run has read. */
  enterprises: Scalars['Int']['output'];
  /** Why the run failed or, while it is under way, what it waits out; null when all is well. */
  error?: Maybe<Scalars['String']['output']>;
  /** Whether the run reads everything (and finds out who is gone), or only what changed since the last one. */
  full: Scalars['Boolean']['output'];
  /** When everything was read last, to its end; null when it never was. */
  lastFullSyncAt?: Maybe<Scalars['DateTime']['output']>;
  /** When the next run begins by itself; null while one is under way, before the first one, and without a schedule. */
  nextRunAt?: Maybe<Scalars['DateTime']['output']>;
  /** What the run is at; null while none is under way. */
  phase?: Maybe<SyncPhase>;
  /** Enterprises and subscribers that the run has left alone: they are being changed from here at the moment, are held only here, or could not be understood. */
  skipped: Scalars['Int']['output'];
  /** When the run began; null before the first one. */
  startedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Whether a run is under way, and how the last one ended. */
  state: SyncState;
  /** Subscribers that the run has read. */
  subscribers: Scalars['Int']['output'];
  /** Users that the run has changed. */
  updated: Scalars['Int']['output'];
  /** When anything shown here changed last; a run that makes progress changes it with each page. */
  updatedAt: Scalars['DateTime']['output'];
};

/** Automatic and bulk work of a template waits, because one attempt after another failed for a cause that lies in the template or its cluster. What a person asks for goes through. */
export type TemplatePause = {
  /** Number of the error that brought it about; null when Webex gave none. */
  code?: Maybe<Scalars['Int']['output']>;
  /** How many attempts have failed for such a cause. */
  failureCount: Scalars['Int']['output'];
  /** What has to be mended, in the language of `Accept-Language` (en, it). */
  message: Scalars['String']['output'];
  /** When the pause began. */
  since: Scalars['DateTime']['output'];
};

/** Input of `updateOnboardingTemplate`. A field that is null or missing stays as it is. */
export type UpdateOnboardingTemplateInput = {
  /** Country as in ISO 3166-1 alpha-2, for example `IT`. */
  countryCode?: InputMaybe<Scalars['String']['input']>;
  /** Package of users that are handed over without one. */
  defaultPackageType?: InputMaybe<PackageType>;
  /** Enterprise IDs end in a BroadWorks enterprise (true) or a group (false). */
  enterpriseMode?: InputMaybe<Scalars['Boolean']['input']>;
  /** BroadWorks hands users over by itself. */
  flowThrough?: InputMaybe<Scalars['Boolean']['input']>;
  /** ID of the template. */
  id: Scalars['ID']['input'];
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Language of mails to users, as in BCP 47, for example `it`. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Name of the template, 1 to 200 characters. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Name that signs the mails to users, 1 to 200 characters. */
  partnerAdminName?: InputMaybe<Scalars['String']['input']>;
  /** Address of the service provider administrator. */
  serviceProviderAdminEmail?: InputMaybe<Scalars['String']['input']>;
  /** User Verification settings. */
  userVerification?: InputMaybe<UserVerificationInput>;
  /** Xsi-Actions URL of the BroadWorks cluster, `https://…`; an empty text removes it. */
  xsiActionsUrl?: InputMaybe<Scalars['String']['input']>;
};

/** Answer of `updateOnboardingTemplate`. */
export type UpdateOnboardingTemplatePayload = {
  /** The template as it is now; null when there are user errors. */
  onboardingTemplate?: Maybe<OnboardingTemplate>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
};

/** Input of `updateProvisionedUser`. A field that is null or missing stays as it is. */
export type UpdateProvisionedUserInput = {
  /** Extension; an empty text removes it, if there is a primary phone number. */
  extension?: InputMaybe<Scalars['String']['input']>;
  /** First name, 1 to 128 characters. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** Up to 255 characters of your choice. The same key with the same input within 24 hours changes nothing again and answers the same object. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Last name, 1 to 128 characters. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** Mobile phone number; an empty text removes it. */
  mobilePhoneNumber?: InputMaybe<Scalars['String']['input']>;
  /** Primary phone number; an empty text removes it, if there is an extension. */
  primaryPhoneNumber?: InputMaybe<Scalars['String']['input']>;
  /** ID of the user. */
  userId: Scalars['ID']['input'];
};

/** Answer of `updateProvisionedUser`. */
export type UpdateProvisionedUserPayload = {
  /** The user as it is now; null when there are user errors. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** What the caller can mend; empty when it was done. */
  userErrors: Array<UserError>;
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
  | 'RETRY_ACTIVATION';

/** That a user changed, with the user as it is when this is told. Several changes in quick succession are told as one. */
export type UserChange = {
  /** Where to go on after this change: for `after` of `userChanges` and `provisionedUserChanged`. */
  cursor: Scalars['String']['output'];
  /** What became of the user. */
  kind: UserChangeKind;
  /** The user as it is now; null when it is deleted. */
  provisionedUser?: Maybe<ProvisionedUser>;
  /** ID of the user, also when there is none any more. */
  userId: Scalars['ID']['output'];
};

/** Which users to hear of; the conditions that are given hold together, and an empty list matches nobody. */
export type UserChangeFilter = {
  /** Of one of these customers, all of which the caller must be able to see; 1,000 at most. */
  customerIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** On one of these onboarding templates, all of which the caller must be able to see; 1,000 at most. */
  onboardingTemplateIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** In one of these statuses. */
  statuses?: InputMaybe<Array<UserStatus>>;
};

/** What became of a user, as far as a list of users is concerned. */
export type UserChangeKind =
  /** The user is new, or is there again because Webex refused the deletion for good. */
  | 'CREATED'
  /** The user is deleted: take the user off the list, if there. */
  | 'DELETED'
  /** The user is still there, but not what the filter asks for any more: take the user off the list, if there. */
  | 'LEFT_FILTER'
  /** The user was changed, and may be new to the filter: add the user to the list, or replace the one that is there. */
  | 'UPDATED';

/** Changes of users in their order, oldest first, each user once. */
export type UserChangePage = {
  /** The changes of this page. */
  changes: Array<UserChange>;
  /** Where the next page begins: for `after`. Also when this page is empty. */
  endCursor: Scalars['String']['output'];
  /** Whether there are changes after this page already. */
  hasMore: Scalars['Boolean']['output'];
  /** Where the changes to come begin. Ask for it before you read a list, and for the changes after it when you have the list. */
  latestCursor: Scalars['String']['output'];
};

/** Something about a mutation that its caller can mend. Nothing was changed. */
export type UserError = {
  /** Code of the error catalogue where there is one, for example 200049; what a user tells the help desk. */
  catalogCode?: Maybe<Scalars['Int']['output']>;
  /** What is wrong, for programs. */
  code: UserErrorCode;
  /** Path of the argument without `input`, for example `["email"]` or `["users", "3", "email"]`; null when no single one is to blame. */
  field?: Maybe<Array<Scalars['String']['output']>>;
  /** What is wrong and what is allowed, in plain words for people. */
  message: Scalars['String']['output'];
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
  | 'UPDATING';

/** How many users are in one state. */
export type UserStatusCount = {
  /** How many users are in it; 0 when none is. */
  count: Scalars['Int']['output'];
  /** The state. */
  status: UserStatus;
};

/** The User Verification settings of a template, and whether users can activate alone with them. */
export type UserVerification = {
  /** Link that users get: the User Activation Portal of this template. Treat it as a secret of the partner. */
  activationLink: Scalars['URL']['output'];
  /** Users who were never handed over may activate by the link. */
  allowSelfActivation: Scalars['Boolean']['output'];
  /** The conditions, each with how it stands. */
  checks: Array<VerificationCheck>;
  /** Nobody else can finish until the first user of a customer is live. */
  provisionAdminFirst: Scalars['Boolean']['output'];
  /** All checks are passed. */
  ready: Scalars['Boolean']['output'];
  /** Where the share link leads. */
  shareLink: ShareLinkTarget;
  /** Users type and confirm their address themselves; else what BroadWorks hands over is trusted. */
  untrustedEmails: Scalars['Boolean']['output'];
};

/** The User Verification settings of a template. A field that is null or missing stays as it is. */
export type UserVerificationInput = {
  /** Users who were never handed over may activate by the link. New templates: false. */
  allowSelfActivation?: InputMaybe<Scalars['Boolean']['input']>;
  /** Nobody else can finish until the first user of a customer is live. New templates: false. */
  provisionAdminFirst?: InputMaybe<Scalars['Boolean']['input']>;
  /** Where the share link leads. New templates: ACTIVATION. */
  shareLink?: InputMaybe<ShareLinkTarget>;
  /** Users type and confirm their address themselves; else what BroadWorks hands over is trusted. New templates: true. */
  untrustedEmails?: InputMaybe<Scalars['Boolean']['input']>;
};

/** One of the conditions for activation with untrusted e-mails, and what to do when it is not met. */
export type VerificationCheck = {
  /** What to do; null when the condition is met. */
  action?: Maybe<Scalars['String']['output']>;
  /** Which condition. */
  code: VerificationCheckCode;
  /** How it stands, in one sentence in the language of `Accept-Language` (en, it). */
  message: Scalars['String']['output'];
  /** Whether it is met. */
  passed: Scalars['Boolean']['output'];
};

/** What has to be so before users can activate alone with untrusted e-mails. */
export type VerificationCheckCode =
  /** BroadWorks hands users over, or they may activate without having been handed over. */
  | 'FLOW_THROUGH'
  /** The settings that an imported template lacks have been completed. */
  | 'SETTINGS_KNOWN'
  /** The share link leads to the activation portal. */
  | 'SHARE_LINK'
  /** User verification is set to untrusted e-mails. */
  | 'UNTRUSTED_EMAILS';

/** Who asks: the holder of the token. */
export type Viewer = {
  /** Name of the token, as the audit log shows it. */
  name: Scalars['String']['output'];
  /** Partner whose data the caller sees. */
  partner: Partner;
  /** What the caller may do. */
  role: Role;
};
