import { primaryError } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { comparisonKey, searchText } from '../../shared/text'
import { causeKeyOf } from '../change-log/user-bucket'
import { EmailOrigin, type ProvisionedUser } from './provisioned-user.entity'

/** What a caller may set; status, keys and counters follow from it. */
export type UserFields = Omit<
  ProvisionedUser,
  | 'id'
  | 'status'
  | 'unfinished'
  | 'lastStatusChange'
  | 'deletedAt'
  | 'broadworksIdKey'
  | 'lastNameKey'
  | 'trustedEmailKey'
  | 'searchText'
  | 'errorCode'
  | 'errorHttpStatus'
  | 'unanswered'
  | 'causeKey'
  | 'revision'
  | 'createdAt'
  | 'updatedAt'
>

/** No validation mail has a link that works. */
export const NO_VALIDATION = { validationId: null, validationExpiresAt: null, validationMailRefusedAt: null }

/** What an audit event tells of a user. */
export const AUDITED = [
  'status',
  'email',
  'packageType',
  'requestedPackageType',
  'firstName',
  'lastName',
  'primaryPhoneNumber',
  'mobilePhoneNumber',
  'extension',
  'errorCode',
] as const

/** Whom an audit event is about, and the key under which it keeps that. */
export function aboutUser({ id, broadworksId, customerId, personalKey }: ProvisionedUser) {
  return { targetId: id, targetLabel: broadworksId, customerId, personalKey }
}

/** What follows from the other fields, and is kept beside them for indexes. */
export function derivedColumns(fields: UserFields & Pick<ProvisionedUser, 'status' | 'deletedAt'>) {
  const error = primaryError(fields.upstreamErrors)
  const trusted = fields.emailOrigin === EmailOrigin.CONFIRMED || fields.emailOrigin === EmailOrigin.VOUCHED
  const errorColumns = {
    errorCode: error?.code ?? null,
    errorHttpStatus: error?.httpStatus ?? null,
    unanswered: error !== null && error.code === null && error.httpStatus === null && error.upstreamText === null,
  }
  return {
    unfinished: fields.deletedAt === null && fields.status !== UserStatus.PROVISIONED,
    broadworksIdKey: comparisonKey(fields.broadworksId) + (fields.broadworksIdSuffix ?? ''),
    lastNameKey: comparisonKey(fields.lastName),
    trustedEmailKey: trusted && fields.email ? comparisonKey(fields.email) : null,
    searchText: searchText(fields.broadworksId, fields.email, `${fields.firstName} ${fields.lastName}`),
    ...errorColumns,
    causeKey: causeKeyOf({ ...fields, ...errorColumns }),
  }
}
