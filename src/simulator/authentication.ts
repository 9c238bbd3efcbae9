import type { FastifyRequest } from 'fastify'
import { ApiError } from './api-error'
import type { Database } from './database'
import { findGrant, isIssuedToken, type Grant } from './oauth/oauth-tokens'
import { ORGANISATION, organisationKey } from './organisation'

/**
 * Finds the organisation that a request speaks for. Two kinds of token exist so that people can see these refusals: `expired` and `readonly…`;
 * a token that the simulator issued itself ends in time, and its scope decides about writes.
 */
export function authenticate(database: Database, request: FastifyRequest): void {
  const accessToken = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]
  const grant = accessToken === undefined || accessToken === 'expired' ? undefined : grantOf(database, accessToken)
  if (!grant)
    throw new ApiError(401, [{ description: 'The request requires a valid access token set in the Authorization request header.' }])
  if (!grant.mayWrite && request.method !== 'GET') {
    throw new ApiError(403, [{ description: 'The access token lacks the scope that a write needs.' }])
  }
  request.setDecorator(ORGANISATION, grant.organisation)
}

function grantOf(database: Database, accessToken: string): Grant | undefined {
  if (isIssuedToken(accessToken)) return findGrant(database, accessToken, Date.now())
  return { organisation: organisationKey(accessToken), mayWrite: !accessToken.startsWith('readonly') }
}
