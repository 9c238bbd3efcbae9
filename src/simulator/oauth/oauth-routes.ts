import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error'
import type { Database } from '../database'
import { changeOAuthSettings, countRefresh, oauthSettings, readOAuthSettings, takeBackOAuthSettings } from './oauth-settings'
import { refresh, TOKEN_PATH } from './oauth-tokens'
import { readBody } from '../request-body'
import { resource } from '../resource'

/** The token endpoint of Webex, for its refresh token flow alone: nobody gives consent on a page here. */
export function tokenRoutes(app: FastifyInstance, database: Database): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  resource(app, TOKEN_PATH, {
    POST(request) {
      const form = (request.body ?? {}) as Record<string, unknown>
      refuseUnknownClient(request, form)
      const { grant_type: grantType, refresh_token: refreshToken } = form
      if (grantType !== 'refresh_token') throw refusal('unsupported_grant_type', 'grant_type must be refresh_token')
      if (typeof refreshToken !== 'string' || refreshToken === '') throw refusal('invalid_request', 'refresh_token is missing')
      const tokens = refresh(database, refreshToken, Date.now())
      countRefresh(database, tokens ? 'refreshes' : 'refusals')
      if (!tokens) throw refusal('invalid_grant', 'The refresh token is not known, or it was used before')
      return tokens
    },
  })
}

/** How the simulator issues tokens; told like its faults. */
export function oauthSettingsRoutes(app: FastifyInstance, database: Database): void {
  resource(app, '/oauth', {
    GET: () => readOAuthSettings(database),
    PUT(request) {
      changeOAuthSettings(database, readBody(oauthSettings, request.body))
      return readOAuthSettings(database)
    },
    DELETE(_request, reply) {
      takeBackOAuthSettings(database)
      return reply.code(204).send()
    },
  })
}

/** Any client is let in, by Basic or in the form, but not without a name and a secret, nor with the secret `wrong`, so that this can be seen. */
function refuseUnknownClient(request: FastifyRequest, form: Record<string, unknown>): void {
  const basic = /^Basic +([\w+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const [, id, secret] = /^([^:]*):(.*)$/.exec(Buffer.from(basic ?? '', 'base64').toString()) ?? []
  const client = basic === undefined ? { id: form.client_id, secret: form.client_secret } : { id, secret }
  if (!client.id || !client.secret || client.secret === 'wrong') throw refusal('invalid_client', 'The client is not known', 401)
}

/** As RFC 6749 has it, in the body that all errors of Webex have. */
function refusal(error: string, description: string, statusCode = 400): ApiError {
  return new ApiError(statusCode, [{ description }], {}, { error, error_description: description })
}
