import { IdempotencyKey } from './context/idempotency-key.entity'
import { ActivationAttempt } from './features/activation-attempt/activation-attempt.entity'
import { ApiToken } from './features/api-token/api-token.entity'
import { AuditEvent } from './features/audit-event/audit-event.entity'
import { BulkChunk } from './features/bulk-operation/bulk-chunk.entity'
import { BulkOperation } from './features/bulk-operation/bulk-operation.entity'
import { BulkResult } from './features/bulk-operation/bulk-result.entity'
import { Customer } from './features/customer/customer.entity'
import { Download } from './features/download/download.entity'
import { HandOver } from './features/provisioning-request/provisioning-request.entity'
import { OnboardingTemplate } from './features/onboarding-template/onboarding-template.entity'
import { Partner } from './features/partner/partner.entity'
import { WebexConnection } from './features/partner/webex-connection.entity'
import { ProvisionedUser } from './features/provisioned-user/provisioned-user.entity'
import { Sync, SyncSighting } from './features/sync/sync.entity'
import { UserChange } from './features/change-log/user-change.entity'
import { UserCount } from './features/user-change/user-count.entity'
import { Job } from './queue/job.entity'

/** Every entity class, for the DataSources. */
export const ENTITIES = [
  Partner,
  WebexConnection,
  ApiToken,
  OnboardingTemplate,
  Customer,
  HandOver,
  ProvisionedUser,
  UserChange,
  UserCount,
  ActivationAttempt,
  Sync,
  SyncSighting,
  AuditEvent,
  BulkOperation,
  BulkChunk,
  BulkResult,
  Download,
  IdempotencyKey,
  Job,
]
