import { z } from 'zod'
import { refusedHere, type WebexError } from './webex-error'
import { type Answered, exchange, isSuccess, refusal, unreadable } from './webex-exchange'

/** Longer than any call waits for its token: an answer that is given up may hold the only refresh token that is still good. */
const TIMEOUT_MS = 20_000

export interface Credentials {
  baseUrl: string
  clientId: string
  clientSecret: string
  refreshToken: string
}

export interface IssuedTokens {
  accessToken: string
  /** The one to use next, which may be the same as before. */
  refreshToken: string
  /** Null when Webex does not say. */
  expiresInSeconds: number | null
  /** Separated by spaces; null when Webex does not say. */
  scope: string | null
}

const answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish().catch(null),
  scope: z.string().min(1).nullish().catch(null),
})

/** RFC 6749, 5.2. Any other text of a refusal might carry what was sent. */
const oauthError = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/) })

/**
 * Renews the tokens of an integration: OAuth's refresh token flow with a form body, at `<base URL>/access_token` (Cisco's guide to
 * integrations). With `fetch` rather than a library of OAuth: simple-oauth2 writes secrets to the log under DEBUG, forgets the refresh
 * token when Webex sends no new one, and has no limit for the whole of a request.
 * @throws WebexError with httpStatus 401 when Webex refuses for good, another one when it may succeed later
 */
export async function renewTokens({ baseUrl, clientId, clientSecret, refreshToken }: Credentials): Promise<IssuedTokens> {
  const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken }
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = { method: 'POST', headers, body: new URLSearchParams(form).toString() }
  const answered = await exchange(`${baseUrl}/access_token`, request, TIMEOUT_MS)
  if (!isSuccess(answered)) throw refused(answered)
  const told = answer.safeParse(answered.json)
  if (!told.success) throw unreadable(answered.trackingId)
  const { access_token: accessToken, refresh_token: renewed, expires_in: expiresInSeconds, scope } = told.data
  return { accessToken, refreshToken: renewed ?? refreshToken, expiresInSeconds: expiresInSeconds ?? null, scope: scope ?? null }
}

function refused(answered: Answered): WebexError {
  const error = refusal(answered)
  if (error.isTransient) return error
  const told = oauthError.safeParse(answered.json)
  return refusedHere(
    401,
    `Webex does not renew the access token (${told.success ? told.data.error : `HTTP ${answered.httpStatus}`}): the client ID or secret is ` +
      'wrong, or the refresh token was used elsewhere, has ended or was withdrawn. Authorize the integration again, and connect with its new ' +
      'refresh token.',
    error.trackingId,
  )
}
