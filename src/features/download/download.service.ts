import { readById } from '../../database/rows'
import type { RowStream } from '../../database/row-stream'
import type { Context, Platform } from '../../context/context'
import { requestContext } from '../../context/request-context'
import type { DownloadAnswer, DownloadRequest } from '../../http/download-endpoint'
import { timestamp } from '../../shared/clock'
import { RateLimited } from '../../shared/errors'
import { newId, typeOfId } from '../../shared/ids'
import { viewerOfToken } from '../api-token/api-token.service'
import type { AuditChange } from '../audit-event/audit-event.entity'
import { recordAudit } from '../audit-event/audit-event.service'
import { readDownloadToken, signDownloadToken } from './download-token'
import { Download } from './download.entity'
import type { FileFormat } from './file-format'

/** Long enough to click, too short to be passed on. */
const URL_MINUTES = 10
/** Each keeps a connection of the database for as long as it lasts. */
const DOWNLOADS_AT_ONCE = 2
/** Nobody knows when one of the others will have ended; most take some seconds. */
const RETRY_AFTER_MS = 10_000

/** What is in a file, of rows as the driver gives them. */
export interface DownloadContent extends FileFormat<Record<string, unknown>> {
  query: [sql: string, parameters: unknown[]]
}

/** One kind of file: says what is in it for who asked. The context sees what that caller may see. */
export type DownloadKind = (ctx: Context, request: object) => DownloadContent

export interface NewDownload {
  kind: string
  /** With its extension. */
  fileName: string
  request: object
  /** Name of the mutation, for the audit trail, and what is asked for in words that name no person. */
  action: string
  changes: AuditChange[]
}

/** Makes a URL that gives a file out, to whoever has it, for some minutes. */
export async function createDownload(
  ctx: Context,
  { kind, fileName, request, action, changes }: NewDownload,
): Promise<{ downloadUrl: string; expiresAt: string }> {
  const now = ctx.clock.now()
  // To the second, as the token has it.
  const expiresAt = timestamp(new Date(Math.floor(now.getTime() / 1000) * 1000 + URL_MINUTES * 60_000))
  const id = newId('Download')
  const { partnerId, callerId: tokenId } = ctx.viewer
  const viewer = typeOfId(tokenId) === 'ApiToken' ? null : ctx.viewer
  await ctx.database.transaction(async tx => {
    await tx.manager.insert(Download, { id, partnerId, tokenId, viewer, kind, fileName, request, createdAt: timestamp(now), expiresAt })
    await recordAudit(ctx, tx, { action, targetId: id, targetLabel: fileName, changes })
  })
  return { downloadUrl: `${ctx.publicUrl()}/downloads/${await signDownloadToken(ctx, id, expiresAt)}`, expiresAt }
}

/**
 * Begins what a URL is for. What it gives out is what the API token that asked for it may see, now; another caller, what it might see then.
 * @throws RateLimited when the partner has as many downloads under way as it may
 */
export async function openDownload(
  platform: Platform,
  kinds: Record<string, DownloadKind>,
  { token, partnerId, requestId, signal }: DownloadRequest,
): Promise<DownloadAnswer | 'EXPIRED' | 'UNKNOWN'> {
  const named = await readDownloadToken(platform, token)
  if (named === 'EXPIRED') return 'EXPIRED'
  const download = named === 'INVALID' ? null : await readById(platform.database.reader, Download, named.id)
  if (!download || (partnerId !== null && partnerId !== download.partnerId)) return 'UNKNOWN'
  const viewer = download.viewer ?? (await viewerOfToken(platform, download.tokenId))
  const kind = kinds[download.kind]
  if (!viewer || !kind) return 'UNKNOWN'
  const ctx = requestContext(platform, { viewer, requestId, locale: 'en' })
  const content = kind(ctx, download.request)
  const slots = { name: `downloads-${viewer.partnerId}`, count: DOWNLOADS_AT_ONCE }
  const rows = await platform.database.stream(...content.query, { signal, slots })
  if (!rows) throw new RateLimited(RETRY_AFTER_MS, `${DOWNLOADS_AT_ONCE} downloads of this partner are under way already.`)
  await platform.database.transaction(tx =>
    recordAudit(ctx, tx, { action: 'download', targetId: download.id, targetLabel: download.fileName }),
  )
  return { fileName: download.fileName, mediaType: content.mediaType, text: textOf(content, rows) }
}

async function* textOf({ head, textOf }: DownloadContent, rows: RowStream): AsyncGenerator<string> {
  // Comes with the first rows: until then, what goes wrong can be told.
  let before = head
  for await (const batch of rows) {
    yield before + textOf(batch)
    before = ''
  }
  if (before !== '') yield before
}

/** Deletes the downloads whose URL has expired. */
export async function purgeExpiredDownloads({ database, clock }: Pick<Platform, 'database' | 'clock'>): Promise<void> {
  await database.transaction(({ manager }) =>
    manager
      .createQueryBuilder()
      .delete()
      .from(Download)
      .where('expires_at < :now', { now: timestamp(clock.now()) })
      .execute(),
  )
}
