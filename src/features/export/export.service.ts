import type { Context } from '../../context/context'
import { timestamp } from '../../shared/clock'
import { differences } from '../audit-event/audit-event.service'
import { createDownload } from '../download/download.service'
import { fileLanguage } from '../download/file-format'
import { countUsers } from '../stuck-cause/stuck-cause.service'
import type { ExportUsersInput } from './export.inputs'
import type { ExportRequest } from './exported-users'

/** @throws BadUserInput for a filter that no list would take; Refusal for a language that there is not */
export async function exportUsers(
  ctx: Context,
  { filter = null, orderBy = null, format, locale }: ExportUsersInput,
): Promise<{ downloadUrl: string; expiresAt: string; rowCount: number | null }> {
  const request: ExportRequest = { filter, orderBy, format, locale: fileLanguage(locale) }
  const rowCount = await countUsers(ctx, filter)
  // A search is for a name or an address, which the audit trail could not forget.
  const onRecord = filter?.search == null ? request : { ...request, filter: { ...filter, search: '…' } }
  const download = await createDownload(ctx, {
    kind: 'USERS',
    fileName: `users-${timestamp(ctx.clock.now()).slice(0, 16).replace(':', '')}.${format.toLowerCase()}`,
    request,
    action: 'exportUsers',
    changes: differences<ExportRequest>(['format', 'filter', 'orderBy', 'locale'], {}, onRecord),
  })
  return { ...download, rowCount }
}
