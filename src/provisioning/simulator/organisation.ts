import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ApiError } from './api-error'

/** Each access token is a partner organisation of its own. Only its hash is kept: the file must not hold credentials. */
export function organisationKey(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('hex')
}

/** The organisation that a request speaks for. Two kinds of token exist so that people can see these refusals: `expired` and `readonly…`. */
export function organisationOf(request: FastifyRequest): string {
  const accessToken = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (accessToken === undefined || accessToken === 'expired') {
    throw new ApiError(401, [{ description: 'The request requires a valid access token set in the Authorization request header.' }])
  }
  if (accessToken.startsWith('readonly') && request.method !== 'GET') {
    throw new ApiError(403, [{ description: 'The access token lacks the scope that a write needs.' }])
  }
  return organisationKey(accessToken)
}
