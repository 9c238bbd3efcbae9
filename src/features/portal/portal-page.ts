import type { FastifyInstance, FastifyRequest } from 'fastify'
import { builtRoot, registerBuiltPage } from '../../http/pages/built-page'
import { contentSecurityPolicy } from '../../http/pages/content-security-policy'

/**
 * Serves the page of the portal at /activate/<key of an activation link>, and at /activate/confirm, the target of the link in a mail.
 * Loading the page changes nothing, because mail scanners open links, too. An unknown link gets the page with status 404: the page tells
 * its visitor in their language.
 */
export async function registerPortalPage(
  server: FastifyInstance,
  isKnownLink: (key: string) => Promise<boolean>,
  root = builtRoot('activation'),
): Promise<void> {
  await registerBuiltPage(server, {
    name: 'The activation page',
    root,
    base: '/activate/',
    // A mail program that damages a link makes its path longer; such a path is an unknown link.
    addresses: ['/activate/confirm', '/activate/*'],
    // Browsers must not store the page: after a sign-out, Back would show it again.
    cacheControl: 'no-store',
    policy: activationPolicy,
    status: async request => ((await isKnown(request)) ? 200 : 404),
  })

  async function isKnown(request: FastifyRequest): Promise<boolean> {
    if (request.routeOptions.url === '/activate/confirm') return true
    const key = (request.params as { '*': string })['*']
    return KEY_PATTERN.test(key) && (await isKnownLink(key))
  }
}

/** base64url. Other characters, such as U+0000, must not reach the database. */
const KEY_PATTERN = /^[\w-]+$/

/** React Aria writes one small <style> element, which carries the nonce. */
function activationPolicy(nonce?: string): string {
  return contentSecurityPolicy({ 'style-src': nonce ? `'self' 'nonce-${nonce}'` : "'self'" })
}
