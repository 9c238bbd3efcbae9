import { createBudget } from '../auth/budget'
import type { Viewer } from '../auth/viewer'
import type { CatalogLocale } from '../provisioning/error-catalog'
import type { Context, Platform } from './context'
import { createLoad } from './loaders'

export interface Asking {
  viewer: Viewer
  /** Whether a gateway that we know speaks for the caller. */
  viaGateway?: boolean
  requestId: string
  locale: CatalogLocale
}

/** What belongs to one request of somebody. What was looked up for it is kept until its end, so each needs one of its own. */
export function requestContext(platform: Platform, { viewer, viaGateway = false, requestId, locale }: Asking): Context {
  const context: Context = {
    ...platform,
    viewer,
    actor: { partnerId: viewer.partnerId, name: viewer.name, requestId },
    budget: createBudget(platform, viewer, viaGateway),
    requestId,
    locale,
    load: createLoad(() => context),
  }
  return context
}
