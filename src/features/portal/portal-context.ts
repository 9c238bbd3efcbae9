import Negotiator from 'negotiator'
import type { Acting, Platform } from '../../context/context'
import type { PortalRequest } from './portal-endpoint'
import { openSession, sealSession, SESSION_SECONDS } from './sign-in/portal-session'
import { PORTAL_LOCALES, type PortalLocale } from './portal-sentences'

/** What a request of the portal brings: no partner and no role, at most a user who has signed in. */
export interface ActivationContext extends Platform {
  readonly requestId: string
  readonly locale: PortalLocale
  /** Where the request comes from, as the limits count it. */
  readonly network: string
  /** ID of the user of the session; null without one. */
  readonly userId: string | null
  /** Opens or renews the session of a user, or with null ends it. */
  setSession(userId: string | null): Promise<void>
}

/** What the steps get as their first argument. */
export async function activationContextOf(platform: Platform, request: PortalRequest): Promise<ActivationContext> {
  return {
    ...platform,
    requestId: request.id,
    locale: localeOf(request),
    network: request.network,
    userId: request.session === null ? null : await openSession(platform, request.session),
    setSession: async userId => request.setSession(userId === null ? null : await sealSession(platform, userId), SESSION_SECONDS),
  }
}

/** On record for what a user does in the portal. */
export function actingFor(ctx: ActivationContext, partnerId: string): Acting {
  return { ...ctx, actor: { partnerId, name: 'portal', requestId: ctx.requestId } }
}

function localeOf({ acceptLanguage }: PortalRequest): PortalLocale {
  const headers = { 'accept-language': acceptLanguage || '*' }
  return (new Negotiator({ headers }).language([...PORTAL_LOCALES]) as PortalLocale | undefined) ?? 'en'
}
