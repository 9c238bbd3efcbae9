import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** A page that Vite has built from a folder of web/ into dist/web. */
export interface BuiltPage {
  /** For people: "The playground". */
  name: string
  /** Where it was built to: index.html, and the folder `assets` beside it. */
  root: string
  /** Its base in web/vite.config.ts, with both slashes; the assets are beneath. */
  base: string
  /** The routes that all answer the page itself. */
  addresses: string[]
  cacheControl: 'no-cache' | 'no-store'
  /** The Content-Security-Policy; `nonce` is new in each answer with the page, and missing in that of an asset. */
  policy: (nonce?: string) => string
  /** The HTTP status that the page comes with; 200 where there is no such function. */
  status?: (request: FastifyRequest) => Promise<number>
}

export async function registerBuiltPage(
  server: FastifyInstance,
  { name, root, base, addresses, cacheControl, policy, status = async () => 200 }: BuiltPage,
): Promise<void> {
  const page = path.join(root, 'index.html')

  await server.register(async scope => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'content-security-policy': policy() })
    })

    if (!existsSync(page)) {
      for (const address of new Set([...addresses, `${base}*`])) {
        scope.get(address, (_request, reply) =>
          reply
            .code(503)
            .type('text/plain; charset=utf-8')
            .send(`${name} is not built. Run \`npm run build\` and start the server again.\n`),
        )
      }
      return
    }
    for (const address of addresses) {
      scope.get(address, async (request, reply) => {
        const nonce = randomBytes(16).toString('base64')
        const text = await readFile(page, 'utf8')
        return reply
          .code(await status(request))
          .headers({ 'content-security-policy': policy(nonce), 'cache-control': cacheControl })
          .type('text/html; charset=utf-8')
          .send(text.replaceAll(NONCE_PLACEHOLDER, nonce))
      })
    }
    // Vite puts a hash of the content into each asset's name, so an asset never changes under its name.
    await scope.register(fastifyStatic, {
      root: path.join(root, 'assets'),
      prefix: `${base}assets/`,
      index: false,
      decorateReply: false,
      preCompressed: true,
      immutable: true,
      maxAge: '365d',
    })
  })
}

/** Where the page of this name is after `npm run build`. Right from src/http, where the tests run, and from dist/http. */
export function builtRoot(page: string): string {
  return path.resolve(__dirname, '../../../dist/web', page)
}

/** The word that web/vite.config.ts has Vite write wherever a nonce belongs. */
const NONCE_PLACEHOLDER = 'CSP_NONCE'
