import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { RequestIdentity } from '../shared/current-request'
import { withoutSecrets } from '../shared/redaction'

/** Long enough to be one request's alone, and no longer than the audit trail keeps it; nothing that a log or a header could stumble over. */
const REQUEST_ID = /^[\w.-]{8,64}$/
/** Version 00 of https://www.w3.org/TR/trace-context, and later ones, which begin alike. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/

/** Gateways and clients that have named the request find it by that name here; any other request gets a name of ours. */
export function requestIdOf({ 'x-request-id': given }: IncomingHttpHeaders): string {
  // It is logged and kept: a token that somebody put there must not be.
  return typeof given === 'string' && REQUEST_ID.test(given) && withoutSecrets(given) === given ? given : newRequestId()
}

/** What `requestId`, and the header `traceparent`, say of a request. */
export function identify(requestId: string, { traceparent }: IncomingHttpHeaders): RequestIdentity {
  const traceId = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined
  return traceId === undefined ? { requestId } : { requestId, traceId }
}

export function newRequestId(): string {
  return randomUUID()
}
