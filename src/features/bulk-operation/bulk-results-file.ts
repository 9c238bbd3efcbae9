import type { Context } from '../../context/context'
import type { CatalogLocale } from '../../provisioning/error-catalog'
import { timestamp } from '../../shared/clock'
import { refuse, UserErrorCode } from '../../shared/errors'
import { createDownload, type DownloadContent } from '../download/download.service'
import { type CsvColumn, csvFile, fileLanguage } from '../download/file-format'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type { UserError } from '../../graphql/payload'
import { BulkOperation, BulkOutcome } from './bulk-operation.entity'
import { bulkOperationById, whereOperationVisible } from './bulk-operation.loaders'
import { BulkResult } from './bulk-result.entity'

export const BULK_RESULTS = 'BULK_RESULTS'

interface BulkResultsRequest {
  bulkOperationId: string
  failedOnly: boolean
  locale: CatalogLocale
}

interface ResultRow extends Pick<BulkResult, 'userId' | 'outcome'> {
  /** Null for who is not there, and was not when the operation started. */
  broadworksId: string | null
  userErrors: UserError[]
}

/** Makes a URL for what became of each user. @throws Refusal NOT_FOUND for `id`, or for a language that there is not */
export async function exportBulkResults(
  ctx: Context,
  { id, failedOnly, locale }: { id: string; failedOnly: boolean; locale?: string | null },
): Promise<{ downloadUrl: string; expiresAt: string; rowCount: number }> {
  const request: BulkResultsRequest = { bulkOperationId: id, failedOnly, locale: fileLanguage(locale) }
  const operation = await ctx.load(bulkOperationById, id)
  if (!operation) throw refuse(UserErrorCode.NOT_FOUND, ['id'], 'There is no bulk operation with this `id`.')
  const download = await createDownload(ctx, {
    kind: BULK_RESULTS,
    fileName: `results-${timestamp(ctx.clock.now()).slice(0, 16).replace(':', '')}.csv`,
    request,
    action: 'exportBulkResults',
    changes: Object.entries(request).map(([field, after]) => ({ field, before: null, after: String(after) })),
  })
  return { ...download, rowCount: failedOnly || operation.dryRun ? operation.failed : operation.done }
}

/** The file itself, as the caller may see it. */
export function bulkResultsFile(ctx: Context, request: object): DownloadContent {
  const { bulkOperationId, failedOnly, locale } = request as BulkResultsRequest
  const { partnerId, customerIds } = ctx.viewer
  const query = ctx.database.reader
    .createQueryBuilder(BulkResult, 'result')
    .select([])
    .addSelect('result.userId', 'userId')
    .addSelect('result.outcome', 'outcome')
    .addSelect('result.userErrors', 'userErrors')
    .addSelect('user.broadworksId', 'broadworksId')
    .innerJoin(BulkOperation, 'row', 'row.id = result.bulkOperationId')
    // Whoever was deleted is still named; whom the caller may not see is not, though the operation was asked about it.
    .leftJoin(
      ProvisionedUser,
      'user',
      `user.id = result.userId AND user.partnerId = :partnerId${customerIds ? ' AND user.customerId IN (:...customerIds)' : ''}`,
      { partnerId, ...(customerIds ? { customerIds: ['', ...customerIds] } : {}) },
    )
    .where('result.bulkOperationId = :bulkOperationId', { bulkOperationId })
    .orderBy('result.position')
  if (failedOnly) query.andWhere(`result.outcome = '${BulkOutcome.REFUSED}'`)
  whereOperationVisible(ctx, query as never)
  const file = csvFile(resultColumns(locale))
  return { ...file, query: query.getQueryAndParameters() as DownloadContent['query'], textOf: rows => file.textOf(rows.map(decoded)) }
}

function decoded(row: Record<string, unknown>): ResultRow {
  return { ...(row as unknown as ResultRow), userErrors: JSON.parse(row['userErrors'] as string) as UserError[] }
}

function resultColumns(locale: CatalogLocale): CsvColumn<ResultRow>[] {
  const columns: [heading: Record<CatalogLocale, string>, cell: (row: ResultRow) => string | null][] = [
    [{ en: 'User', it: 'Utente' }, row => row.userId],
    [{ en: 'BroadWorks ID', it: 'ID BroadWorks' }, row => row.broadworksId],
    [{ en: 'Outcome', it: 'Esito' }, row => row.outcome],
    [{ en: 'Error codes', it: 'Codici di errore' }, row => row.userErrors.map(({ code }) => code).join('; ')],
    [{ en: 'Error text', it: "Testo dell'errore" }, row => row.userErrors.map(({ message }) => message).join('; ')],
  ]
  return columns.map(([heading, cell]) => ({ heading: heading[locale], cell }))
}
