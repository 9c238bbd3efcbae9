import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error'
import { STATUSES, type SubscriberFilters } from './subscriber-table'

type Query = Record<string, string | undefined>

/** The query of a list; a parameter that comes twice is refused, since it could only mean one of the two. */
export function readQuery(request: FastifyRequest): Query {
  const query = request.query as Record<string, string | string[]>
  const twice = Object.keys(query).find(name => Array.isArray(query[name]))
  if (twice) throw invalid(`${twice} is given more than once`)
  return query as Query
}

export function readMax(query: Query, ordinary: number, highest: number): number {
  const max = query.max === undefined ? ordinary : /^\d{1,6}$/.test(query.max) ? Number(query.max) : 0
  if (max < 1 || max > highest) throw invalid(`max must be a number from 1 to ${highest}`)
  return max
}

export function readSubscriberFilters(query: Query): SubscriberFilters {
  const { userId, personId, email, provisioningId, spEnterpriseId } = query
  const filters: SubscriberFilters = {
    userId,
    personId,
    email,
    provisioningId,
    spEnterpriseId,
    selfActivated: readBoolean(query, 'selfActivated'),
    statuses: query.status?.split(',').map(readStatus),
    lastStatusChange: readTime(query, 'lastStatusChange'),
    after: readTime(query, 'after'),
  }
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined))
}

/** Where the last page ended, opaque to the client. `kinds` are the types of its members, so that a made-up cursor is refused. */
export function readCursor(query: Query, kinds: readonly string[]): unknown[] | undefined {
  if (query.cursor === undefined) return undefined
  try {
    const position: unknown = JSON.parse(Buffer.from(query.cursor, 'base64url').toString())
    if (Array.isArray(position) && kinds.every((kind, index) => typeof position[index] === kind)) return position as unknown[]
  } catch {
    // A cursor that does not even parse is refused like any other that we did not make.
  }
  throw invalid('cursor is not one that this list gave out')
}

export function linkNextPage(request: FastifyRequest, reply: FastifyReply, position: unknown[]): void {
  reply.header('link', `<${nextPageUrl(request, position)}>; rel="next"`)
}

/** The address of the next page repeats the query, so that a client follows it without knowing what is in it. */
export function nextPageUrl(request: FastifyRequest, position: unknown[]): string {
  const url = new URL(request.url, `${request.protocol}://${request.host || 'localhost'}`)
  url.searchParams.set('cursor', Buffer.from(JSON.stringify(position)).toString('base64url'))
  return url.href
}

function readStatus(text: string) {
  const status = STATUSES.find(known => known === text.trim())
  if (!status) throw invalid(`status must be some of ${STATUSES.join(', ')}, separated by commas`)
  return status
}

function readTime(query: Query, name: string): number | undefined {
  const text = query[name]
  if (text === undefined) return undefined
  const time = /^\d{1,15}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw invalid(`${name} must be in epoch milliseconds or ISO 8601`)
  return time
}

function readBoolean(query: Query, name: string): number | undefined {
  const text = query[name]
  if (text !== undefined && text !== 'true' && text !== 'false') throw invalid(`${name} must be true or false`)
  return text === undefined ? undefined : Number(text === 'true')
}

function invalid(description: string): ApiError {
  return new ApiError(400, [{ errorCode: 1002, description }])
}
