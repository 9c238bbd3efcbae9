import { type CatalogLocale, explainError, pendingRequirement } from '../../provisioning/error-catalog'
import type { CsvColumn } from '../download/file-format'
import type { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import { provisioningErrors, waitingOf } from '../provisioned-user/provisioning-error'

/** What of a user is read for an export. */
export const USER_PROPERTIES = [
  'id',
  'broadworksId',
  'webexSubscriberId',
  'webexPersonId',
  'customerId',
  'onboardingTemplateId',
  'firstName',
  'lastName',
  'email',
  'emailConfirmedAt',
  'primaryPhoneNumber',
  'mobilePhoneNumber',
  'extension',
  'packageType',
  'requestedPackageType',
  'status',
  'lastStatusChange',
  'upstreamErrors',
  'parkedAttemptId',
  'selfActivated',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof ProvisionedUser)[]

export interface UserRow extends Pick<ProvisionedUser, (typeof USER_PROPERTIES)[number]> {
  spEnterpriseId: string
  customerName: string
  templateName: string
  provisioningId: string
}

/** The columns of Partner Hub's User Status, and what one needs to reach somebody. Values are those of the API, in every language. */
export function userColumns(locale: CatalogLocale): CsvColumn<UserRow>[] {
  const errorsOf = ({ upstreamErrors }: UserRow, told: (error: UserRow['upstreamErrors'][number]) => string | number | null) =>
    upstreamErrors
      .map(told)
      .filter(text => text !== null)
      .join('; ')
  const columns: [heading: Record<CatalogLocale, string>, cell: (row: UserRow) => string | null][] = [
    [{ en: 'BroadWorks ID', it: 'ID BroadWorks' }, row => row.broadworksId],
    [{ en: 'Enterprise', it: 'Azienda' }, row => row.spEnterpriseId],
    [{ en: 'First name', it: 'Nome' }, row => row.firstName],
    [{ en: 'Last name', it: 'Cognome' }, row => row.lastName],
    [{ en: 'Email', it: 'E-mail' }, row => row.email],
    [{ en: 'Primary phone number', it: 'Numero di telefono principale' }, row => row.primaryPhoneNumber],
    [{ en: 'Mobile phone number', it: 'Numero di cellulare' }, row => row.mobilePhoneNumber],
    [{ en: 'Package', it: 'Pacchetto' }, row => row.packageType],
    [{ en: 'Status', it: 'Stato' }, row => row.status],
    [{ en: 'Error codes', it: 'Codici di errore' }, row => errorsOf(row, ({ code }) => code)],
    [
      { en: 'Error text', it: "Testo dell'errore" },
      row => errorsOf(row, error => error.upstreamText?.trim() ?? explainError(error, locale).meaning),
    ],
    [{ en: 'Self activated', it: 'Attivazione autonoma' }, row => String(row.selfActivated)],
    [{ en: 'Created', it: 'Creato' }, row => row.createdAt],
    [{ en: 'Last status change', it: 'Ultimo cambio di stato' }, row => row.lastStatusChange],
  ]
  return columns.map(([heading, cell]) => ({ heading: heading[locale], cell }))
}

/** A user as GraphQL would show it, with the same names. */
export function userObject(locale: CatalogLocale): (row: UserRow) => object {
  return ({ customerId, spEnterpriseId, customerName, onboardingTemplateId, templateName, provisioningId, ...row }) => ({
    id: row.id,
    broadworksId: row.broadworksId,
    webexSubscriberId: row.webexSubscriberId,
    webexPersonId: row.webexPersonId,
    customer: { id: customerId, spEnterpriseId, name: customerName },
    onboardingTemplate: { id: onboardingTemplateId, name: templateName, provisioningId },
    firstName: row.firstName,
    lastName: row.lastName,
    email: row.email,
    primaryPhoneNumber: row.primaryPhoneNumber,
    mobilePhoneNumber: row.mobilePhoneNumber,
    extension: row.extension,
    packageType: row.packageType,
    requestedPackageType: row.requestedPackageType,
    status: row.status,
    lastStatusChange: row.lastStatusChange,
    pendingRequirement: pendingRequirement(row.status, waitingOf(row), locale),
    errors: provisioningErrors(row.upstreamErrors, locale).map(({ catalogEntry: _, ...error }) => error),
    selfActivated: row.selfActivated,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  })
}
