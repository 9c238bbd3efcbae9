import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { contentSecurityPolicy } from './content-security-policy'

/** GraphiQL at /graphiql. The page is public, as it holds nothing: its visitor brings the token. */
export async function registerPlayground(server: FastifyInstance, root = ROOT): Promise<void> {
  const page = path.join(root, 'index.html')

  // The tool of that name is retired; its address still leads somewhere.
  for (const path of ['/', '/playground']) server.get(path, (_request, reply) => reply.redirect('/graphiql', 302))

  await server.register(async playground => {
    playground.addHook('onRequest', async (_request, reply) => {
      reply.headers({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': playgroundPolicy(),
      })
    })

    if (existsSync(page)) {
      for (const address of ADDRESSES) {
        playground.get(address, async (_request, reply) => {
          const nonce = randomBytes(16).toString('base64')
          const text = await readFile(page, 'utf8')
          return reply
            .headers({ 'content-security-policy': playgroundPolicy(nonce), 'cache-control': 'no-cache' })
            .type('text/html; charset=utf-8')
            .send(text.replaceAll(NONCE_PLACEHOLDER, nonce))
        })
      }
      // Vite puts a hash of the content into each asset's name, so an asset never changes under its name.
      await playground.register(fastifyStatic, {
        root: path.join(root, 'assets'),
        prefix: '/graphiql/assets/',
        index: false,
        decorateReply: false,
        preCompressed: true,
        immutable: true,
        maxAge: '365d',
      })
    } else {
      for (const address of [...ADDRESSES, '/graphiql/*']) {
        playground.get(address, (_request, reply) =>
          reply
            .code(503)
            .type('text/plain; charset=utf-8')
            .send('The playground is not built. Run `npm run build` and start the server again.\n'),
        )
      }
    }
  })
}

/** Right from src/http, where the tests run, and from dist/http. */
const ROOT = path.resolve(__dirname, '../../dist/web/playground')

/** Both are the page itself: a redirect from one to the other would be one more thing for a proxy to get wrong. */
const ADDRESSES = ['/graphiql', '/graphiql/']

/** The word that web/vite.config.ts has Vite write wherever a nonce belongs. */
const NONCE_PLACEHOLDER = 'CSP_NONCE'

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
