import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

/** Each access token is a partner organisation of its own. Only its hash is kept: the file must not hold credentials. */
export function organisationKey(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('hex')
}

/** Where somebody names an organisation: by its token, or by the key that the simulator shows in place of the token. */
export function readOrganisation(tokenOrKey: string): string {
  return /^[0-9a-f]{64}$/.test(tokenOrKey) ? tokenOrKey : organisationKey(tokenOrKey)
}

/** Who asks for what. */
export interface Call {
  /** Empty before anybody has said who asks: at the token endpoint. */
  organisation: string
  method: string
  /** As it was sent, with its query. */
  url: string
  trackingId: string
}

/** The name under which a request carries the organisation that it speaks for. */
export const ORGANISATION = 'organisation'

export function callOf(request: FastifyRequest): Call {
  const { method, url, id: trackingId } = request
  return { organisation: organisationOf(request), method, url, trackingId }
}

export function organisationOf(request: FastifyRequest): string {
  return request.getDecorator<string>(ORGANISATION)
}
