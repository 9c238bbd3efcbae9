import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import type { Context } from '../../context/context'
import type { CatalogLocale, UpstreamError } from '../../provisioning/error-catalog'
import { Customer } from '../customer/customer.entity'
import type { DownloadContent } from '../download/download.service'
import { csvFile, jsonLinesFile } from '../download/file-format'
import { OnboardingTemplate } from '../onboarding-template/onboarding-template.entity'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type { ProvisionedUserFilter, ProvisionedUserOrder } from '../provisioned-user/provisioned-user.filter'
import { sortListed, whereListed } from '../provisioned-user/provisioned-user.list'
import { ExportFormat } from './export.inputs'
import { USER_PROPERTIES, type UserRow, userColumns, userObject } from './user-row'

/** What was asked for, as a download keeps it. */
export interface ExportRequest {
  filter: ProvisionedUserFilter | null
  orderBy: ProvisionedUserOrder | null
  format: ExportFormat
  locale: CatalogLocale
}

/** A file of users: all that a list with this filter shows, in its order. */
export function exportedUsers(ctx: Context, request: object): DownloadContent {
  const { filter, orderBy, format, locale } = request as ExportRequest
  const query = selectUserRows(ctx)
  whereListed(ctx, query, filter)
  sortListed(query, orderBy)
  const file = format === ExportFormat.CSV ? csvFile(userColumns(locale)) : jsonLinesFile(userObject(locale))
  return { ...file, query: query.getQueryAndParameters() as DownloadContent['query'], textOf: rows => file.textOf(rows.map(decoded)) }
}

/** One statement, so that a user, its customer and its template are of one moment. The left joins keep SQLite to the order of the users. */
function selectUserRows({ database }: Context): SelectQueryBuilder<ProvisionedUser & ObjectLiteral> {
  const query = database.reader
    .createQueryBuilder<ProvisionedUser & ObjectLiteral>(ProvisionedUser, 'row')
    .select([])
    .leftJoin(Customer, 'customer', 'customer.id = row.customerId')
    .leftJoin(OnboardingTemplate, 'template', 'template.id = row.onboardingTemplateId')
  for (const property of USER_PROPERTIES) query.addSelect(`row.${property}`, property)
  return query
    .addSelect('customer.spEnterpriseId', 'spEnterpriseId')
    .addSelect('customer.name', 'customerName')
    .addSelect('template.name', 'templateName')
    .addSelect('template.provisioningId', 'provisioningId')
}

/** SQLite has no booleans, and JSON is kept as text. */
function decoded(row: Record<string, unknown>): UserRow {
  const upstreamErrors = JSON.parse(row['upstreamErrors'] as string) as UpstreamError[]
  return { ...(row as unknown as UserRow), upstreamErrors, selfActivated: Boolean(row['selfActivated']) }
}
