import type { FastifyInstance, FastifyRequest } from 'fastify'
import { builtRoot, registerBuiltPage } from '../../http/pages/built-page'
import { contentSecurityPolicy } from '../../http/pages/content-security-policy'

/**
 * The User Activation Portal at /activate/<key of an activation link>, and at /activate/confirm, where the mail's link leads. Both are the
 * same page, and showing it changes nothing: mail scanners open links, too. A link that leads nowhere is answered by the page as well,
 * with 404, so that its visitor is told in their language.
 */
export async function registerActivationPage(
  server: FastifyInstance,
  isKnownLink: (key: string) => Promise<boolean>,
  root = builtRoot('activation'),
): Promise<void> {
  await registerBuiltPage(server, {
    name: 'The activation page',
    root,
    base: '/activate/',
    // A mail program that mangles a link makes it a longer path, which is a wrong link like any other.
    addresses: ['/activate/confirm', '/activate/*'],
    // Browsers keep such a page nowhere: who signed out is not shown again by Back.
    cacheControl: 'no-store',
    policy: activationPolicy,
    status: async request => ((await leadsSomewhere(request)) ? 200 : 404),
  })

  async function leadsSomewhere(request: FastifyRequest): Promise<boolean> {
    if (request.routeOptions.url === '/activate/confirm') return true
    const key = (request.params as { '*': string })['*']
    return FORM_OF_KEYS.test(key) && (await isKnownLink(key))
  }
}

/** base64url. What cannot be a key, such as U+0000, is not for a database to look up. */
const FORM_OF_KEYS = /^[\w-]+$/

/** React Aria writes one small <style> element, which carries the nonce. */
function activationPolicy(nonce?: string): string {
  return contentSecurityPolicy({ 'style-src': nonce ? `'self' 'nonce-${nonce}'` : "'self'" })
}
