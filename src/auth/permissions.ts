import { Forbidden } from '../shared/errors'
import { Role, type Viewer } from './viewer'

/**
 * Every action of the API that not everybody may do, and the least role for it. Roles contain one another: VIEWER reads and no more,
 * OPERATOR acts on users, ADMIN does everything. `wholePartner` actions are refused to callers that are restricted to some customers, whatever their role,
 * because their effect reaches beyond those.
 */
export const PERMISSIONS = {
  retryActivation: { role: Role.OPERATOR },
  changePackageType: { role: Role.OPERATOR },
  deleteUser: { role: Role.OPERATOR },
  resendConsentEmail: { role: Role.OPERATOR },
  resendValidationEmail: { role: Role.OPERATOR },
  updateProvisionedUser: { role: Role.OPERATOR },
  provisionUser: { role: Role.OPERATOR },
  bulkRetryActivation: { role: Role.OPERATOR },
  bulkDeleteUsers: { role: Role.ADMIN },
  bulkChangePackageType: { role: Role.OPERATOR },
  cancelBulkOperation: { role: Role.OPERATOR },
  resumeBulkOperation: { role: Role.OPERATOR },
  precheckUsers: { role: Role.OPERATOR },
  exportUsers: { role: Role.OPERATOR },
  readSync: { role: Role.VIEWER, wholePartner: true },
  startSync: { role: Role.ADMIN, wholePartner: true },
  manageOnboardingTemplates: { role: Role.ADMIN, wholePartner: true },
  manageApiTokens: { role: Role.ADMIN, wholePartner: true },
} as const satisfies Record<string, { role: Role; wholePartner?: true }>

export type Action = keyof typeof PERMISSIONS

const RANK: Record<Role, number> = { [Role.VIEWER]: 0, [Role.OPERATOR]: 1, [Role.ADMIN]: 2 }

export function may(viewer: Viewer, action: Action): boolean {
  const permission: { role: Role; wholePartner?: true } = PERMISSIONS[action]
  if (permission.wholePartner && viewer.customerIds) return false
  return RANK[viewer.role] >= RANK[permission.role]
}

/** @throws Forbidden when the caller may not do it. */
export function authorize({ viewer }: { viewer: Viewer }, action: Action): void {
  if (may(viewer, action)) return
  const { role, wholePartner }: { role: Role; wholePartner?: true } = PERMISSIONS[action]
  throw new Forbidden(
    wholePartner && viewer.customerIds
      ? 'This token is restricted to some customers; this action needs one for the whole partner.'
      : `This action needs the role ${role}; the token has ${viewer.role}.`,
  )
}
