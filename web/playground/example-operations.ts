import auditTrail from './operations/audit-trail.graphql?raw'
import auditTrailVariables from './operations/audit-trail.variables.json?raw'
import changePackageType from './operations/change-package-type.graphql?raw'
import changePackageTypeVariables from './operations/change-package-type.variables.json?raw'
import deleteUser from './operations/delete-user.graphql?raw'
import deleteUserVariables from './operations/delete-user.variables.json?raw'
import errorCatalog from './operations/error-catalog.graphql?raw'
import exportUsers from './operations/export-users.graphql?raw'
import exportUsersVariables from './operations/export-users.variables.json?raw'
import findCauses from './operations/find-causes.graphql?raw'
import findStuckUsers from './operations/find-stuck-users.graphql?raw'
import findStuckUsersVariables from './operations/find-stuck-users.variables.json?raw'
import listCustomers from './operations/list-customers.graphql?raw'
import retryActivation from './operations/retry-activation.graphql?raw'
import retryActivationVariables from './operations/retry-activation.variables.json?raw'
import retryMany from './operations/retry-many.graphql?raw'
import retryManyVariables from './operations/retry-many.variables.json?raw'
import steerBulkOperation from './operations/steer-bulk-operation.graphql?raw'
import steerBulkOperationVariables from './operations/steer-bulk-operation.variables.json?raw'
import verifyOnboardingTemplate from './operations/verify-onboarding-template.graphql?raw'
import verifyOnboardingTemplateVariables from './operations/verify-onboarding-template.variables.json?raw'
import watchCounts from './operations/watch-counts.graphql?raw'
import watchUsers from './operations/watch-users.graphql?raw'
import watchUsersVariables from './operations/watch-users.variables.json?raw'

/**
 * The tabs a new visitor finds, in the order in which stuck users are mended. The first one must do without variables: GraphiQL does not
 * show those of its first default tab.
 */
export const exampleOperations = [
  { query: listCustomers },
  { query: verifyOnboardingTemplate, variables: verifyOnboardingTemplateVariables },
  { query: findStuckUsers, variables: findStuckUsersVariables },
  { query: retryActivation, variables: retryActivationVariables },
  { query: changePackageType, variables: changePackageTypeVariables },
  { query: deleteUser, variables: deleteUserVariables },
  { query: findCauses },
  { query: retryMany, variables: retryManyVariables },
  { query: steerBulkOperation, variables: steerBulkOperationVariables },
  { query: exportUsers, variables: exportUsersVariables },
  { query: auditTrail, variables: auditTrailVariables },
  { query: watchCounts },
  { query: watchUsers, variables: watchUsersVariables },
  { query: errorCatalog },
]
