import { PortalResolver } from './features/portal/portal.resolver'
import { ResendValidationEmailResolver } from './features/portal/validation-mail/resend-validation-email.resolver'
import { ActivationAttemptResolver, ProvisionedUserAttemptsResolver } from './features/activation-attempt/activation-attempt.resolver'
import { ApiTokenResolver } from './features/api-token/api-token.resolver'
import { RateLimitResolver } from './features/api-token/rate-limit.resolver'
import { AuditEventResolver, ProvisionedUserAuditResolver } from './features/audit-trail/audit-trail.resolver'
import { BulkOperationResolver, BulkResultResolver } from './features/bulk-operation/bulk-operation.resolver'
import { CustomerResolver, OnboardingTemplateCustomersResolver } from './features/customer/customer.resolver'
import { ExportResolver } from './features/export/export.resolver'
import { HandOverResolver } from './features/provisioning-request/provisioning-request.resolver'
import { NodeResolver } from './features/node/node.resolver'
import { OnboardingTemplateResolver } from './features/onboarding-template/onboarding-template.resolver'
import { PartnerResolver } from './features/partner/partner.resolver'
import { PrecheckResolver } from './features/precheck/precheck.resolver'
import { ProvisionedUserMutations } from './features/user-action/user-action.resolver'
import {
  CustomerUsersResolver,
  OnboardingTemplateUsersResolver,
  ProvisionedUserResolver,
} from './features/provisioned-user/provisioned-user.resolver'
import { CustomerCountsResolver, OnboardingTemplateCountsResolver, StuckCauseResolver } from './features/stuck-cause/stuck-cause.resolver'
import { SyncResolver } from './features/sync/sync.resolver'
import { UserChangeResolver } from './features/user-change/user-change.resolver'

/** Every resolver class of the partner API. */
export const RESOLVERS = [
  PartnerResolver,
  NodeResolver,
  CustomerResolver,
  CustomerUsersResolver,
  OnboardingTemplateResolver,
  OnboardingTemplateCustomersResolver,
  OnboardingTemplateUsersResolver,
  ProvisionedUserResolver,
  ProvisionedUserAttemptsResolver,
  ProvisionedUserAuditResolver,
  ProvisionedUserMutations,
  StuckCauseResolver,
  CustomerCountsResolver,
  OnboardingTemplateCountsResolver,
  BulkOperationResolver,
  BulkResultResolver,
  UserChangeResolver,
  HandOverResolver,
  PrecheckResolver,
  ExportResolver,
  ActivationAttemptResolver,
  SyncResolver,
  AuditEventResolver,
  ApiTokenResolver,
  RateLimitResolver,
  ResendValidationEmailResolver,
] as const

/** Of the activation API. */
export const ACTIVATION_RESOLVERS = [PortalResolver] as const
