import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Acting, Platform } from '../../context/context'
import { networkOf } from '../../http/network'
import { PORTAL_LOCALES, type PortalLocale } from './portal-sentences'
import { openSession, sealSession, SESSION_SECONDS } from './sign-in/portal-session'

/** The prefix binds the cookie to this host and to TLS; browsers treat `localhost` and 127.0.0.1 as secure, too. */
const SESSION_COOKIE = '__Host-activation'
const COOKIE_ATTRIBUTES = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

/** The session context: first argument of every step. It has no partner and no role, at most the ID of the user who has signed in. */
export interface PortalContext extends Platform {
  readonly requestId: string
  readonly locale: PortalLocale
  /** Network of the client, as the limits count it: an IPv4 address, or the /64 of an IPv6 address. */
  readonly network: string
  /** ID of the user of the session; null without a session. */
  readonly userId: string | null
  /** Opens or renews the session of a user; null ends it. */
  setSession(userId: string | null): Promise<void>
}

/** Makes the session context of a request, whose session comes as a cookie. */
export async function portalContextOf(platform: Platform, request: FastifyRequest, reply: FastifyReply): Promise<PortalContext> {
  const sealed = request.cookies[SESSION_COOKIE]
  return {
    ...platform,
    requestId: request.id,
    locale: localeOf(request),
    network: networkOf(request.ip),
    userId: sealed === undefined ? null : await openSession(platform, sealed),
    async setSession(userId) {
      if (userId === null) return void reply.clearCookie(SESSION_COOKIE, COOKIE_ATTRIBUTES)
      const session = await sealSession(platform, userId)
      void reply.setCookie(SESSION_COOKIE, session, { ...COOKIE_ATTRIBUTES, maxAge: SESSION_SECONDS })
    },
  }
}

/** The context of changes that the portal makes; the audit log names the portal as their actor. @param requestId null in a job */
export function actingAsPortal(platform: Platform, partnerId: string, requestId: string | null): Acting {
  return { ...platform, actor: { partnerId, name: 'portal', requestId } }
}

function localeOf(request: FastifyRequest): PortalLocale {
  const headers = { 'accept-language': request.headers['accept-language'] || '*' }
  return (new Negotiator({ headers }).language([...PORTAL_LOCALES]) as PortalLocale | undefined) ?? 'en'
}
