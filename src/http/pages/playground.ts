import type { FastifyInstance } from 'fastify'
import { builtRoot, registerBuiltPage } from './built-page'
import { contentSecurityPolicy } from './content-security-policy'

/** GraphiQL at /graphiql. The page is public, as it holds nothing: its visitor brings the token. */
export async function registerPlayground(server: FastifyInstance, root = builtRoot('playground')): Promise<void> {
  // The tool of that name is retired; its address still leads somewhere.
  for (const path of ['/', '/playground']) server.get(path, (_request, reply) => reply.redirect('/graphiql', 302))

  await registerBuiltPage(server, {
    name: 'The playground',
    root,
    base: '/graphiql/',
    // Both are the page itself: a redirect from one to the other would be one more thing for a proxy to get wrong.
    addresses: ['/graphiql', '/graphiql/'],
    cacheControl: 'no-cache',
    policy: playgroundPolicy,
  })
}

/**
 * Monaco, GraphiQL's editor, makes <style> elements for its theme: they carry a nonce, new in each answer. It also places its lines by style
 * attributes in HTML text, which no nonce can cover: 'unsafe-inline' is for those attributes alone. They have no selectors, so they
 * cannot read the page as an injected style sheet could.
 */
function playgroundPolicy(nonce?: string): string {
  return contentSecurityPolicy({
    'style-src': nonce ? `'self' 'nonce-${nonce}'` : "'self'",
    'style-src-attr': "'unsafe-inline'",
    // GraphiQL's own style sheet carries its fonts as data.
    'font-src': "'self' data:",
    'worker-src': "'self'",
  })
}
