import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Viewer } from '../auth/viewer'
import type { RateLimiter } from '../database/rate-limiter'
import { errorBody } from './errors'
import { refuseMethods, tokenOf } from './graphql-endpoint'
import { networkOf } from './network'

/** Whoever takes longer to read a file keeps a connection of the database from others. */
const TIME_LIMIT_MS = 10 * 60_000
const URL_PATH = '/downloads/*'

export interface DownloadRequest {
  /** As the URL has it. */
  token: string
  /** The partner of a bearer token that came with the request; null when none did. */
  partnerId: string | null
  requestId: string
  /** Ends what was begun, when the answer has ended, however it did. */
  signal: AbortSignal
}

export interface DownloadAnswer {
  fileName: string
  mediaType: string
  text: AsyncIterable<string>
}

export type OpenDownload = (request: DownloadRequest) => Promise<DownloadAnswer | 'EXPIRED' | 'UNKNOWN'>

export interface DownloadEndpoint {
  authenticate: (secret: string) => Promise<Viewer | null>
  openDownload: OpenDownload
  /** Counts by network who follows a URL that is none. */
  strangers: RateLimiter
}

/**
 * Files at /downloads/<token>. The URL alone is the credential, so that a browser can follow it; a bearer token beside it must be valid,
 * and of the same partner.
 */
export function registerDownloads(server: FastifyInstance, { authenticate, openDownload, strangers }: DownloadEndpoint): void {
  const underWay = new Set<ServerResponse>()
  server.addHook('preClose', async () => underWay.forEach(answer => answer.destroy()))

  server.route({
    method: 'GET',
    url: URL_PATH,
    // It would read all of the rows, and send none.
    exposeHeadRoute: false,
    errorHandler(error, _request, reply) {
      if (!reply.raw.destroyed) throw error
      // It failed because what was begun was ended: nobody waits for an answer, and nobody has to mend anything.
      reply.hijack()
    },
    async handler(request, reply) {
      const answer = reply.raw
      const ended = new AbortController()
      const timer = setTimeout(() => answer.destroy(), TIME_LIMIT_MS)
      underWay.add(answer)
      answer.once('close', () => {
        clearTimeout(timer)
        underWay.delete(answer)
        ended.abort()
      })
      const { '*': token } = request.params as { '*': string }
      const secret = tokenOf(request)
      const viewer = secret === undefined ? null : await authenticate(secret)
      const isStranger = request.headers.authorization !== undefined && viewer === null
      const download = isStranger
        ? 'UNKNOWN'
        : await openDownload({ token, partnerId: viewer?.partnerId ?? null, requestId: request.id, signal: ended.signal })
      if (download === 'UNKNOWN') {
        await strangers.take(networkOf(request.ip))
        return reply.callNotFound()
      }
      if (download === 'EXPIRED') {
        return reply.code(410).send(errorBody('GONE', 'This download link has expired; ask for a new one.', request.id))
      }
      return reply
        .headers({
          'content-type': download.mediaType,
          'content-disposition': `attachment; filename="${download.fileName}"`,
          'cache-control': 'no-store',
        })
        .send(Readable.from(download.text))
    },
  })
  refuseMethods(server, URL_PATH, ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'GET')
}
