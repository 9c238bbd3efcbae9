import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Platform } from '../../context/context'
import { type OutboxMail, readOutbox, readOutboxMail } from '../../mail/outbox'
import { escapeHtml } from '../../shared/html'
import { contentSecurityPolicy } from './content-security-policy'

/** Mails for reading at /dev/outbox, where they are kept and not sent. In production there is neither outbox nor page. */
export function registerOutbox(server: FastifyInstance, { config, mail: { kind } }: Pick<Platform, 'config' | 'mail'>): void {
  const directory = config.mail.outboxDirectory
  if (kind !== 'outbox' || directory === null) return

  server.get('/dev/outbox', async (_request, reply) => sendPage(reply, LIST_POLICY, listPage(await readOutbox(directory))))
  server.get<{ Params: { id: string } }>('/dev/outbox/:id', async (request, reply) => {
    const mail = await readOutboxMail(directory, request.params.id)
    return mail === null ? reply.callNotFound() : sendPage(reply, MAIL_POLICY, mail.html)
  })
}

function sendPage(reply: FastifyReply, policy: string, html: string): FastifyReply {
  return reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-store' }).type('text/html; charset=utf-8').send(html)
}

function listPage(mails: OutboxMail[]): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Outbox</title><style>${STYLE}</style>`
  const content =
    mails.length > 0
      ? `<p>What this server would have sent, the newest first. Reload the page to see more.</p><ol role="list">${mails.map(listItem).join('')}</ol>`
      : `<p>No mail has been sent yet. Open the activation link of a template, sign in as a user who was handed over without an e-mail address,
         and enter one: the mail that asks to confirm it appears here when the page is reloaded.</p>`
  return `<!doctype html><html lang="en"><head>${head}</head><body><main><h1>Outbox</h1>${content}</main></body></html>`
}

function listItem({ id, to, subject, sentAt, text }: OutboxMail): string {
  const title = `<h2><a href="/dev/outbox/${id}">${escapeHtml(subject)}</a></h2>`
  return `<li>${title}<p>To ${escapeHtml(to)}, <time datetime="${sentAt}">${sentAt}</time></p><pre>${withLinks(text)}</pre></li>`
}

/** Escapes the text, and makes its addresses of pages clickable. */
function withLinks(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) => (index % 2 === 1 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part)))
    .join('')
}

const STYLE = `
:root { color-scheme: light dark; background: Canvas; color: CanvasText; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
ol { list-style: none; padding: 0 }
li { border-top: 1px solid GrayText; padding: 1rem 0 }
h2 { font-size: 1.125rem; margin: 0 }
p { margin: 0.5rem 0 1rem }
pre { font: inherit; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
`

const NOTHING_LOADED = Object.fromEntries(['script-src', 'style-src', 'img-src', 'font-src', 'connect-src'].map(name => [name, "'none'"]))

const LIST_POLICY = contentSecurityPolicy({
  ...NOTHING_LOADED,
  'style-src': `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
})

/** Mail programs know no style sheets but those within the mail, in attributes above all, which no hash can cover. */
const MAIL_POLICY = contentSecurityPolicy({ ...NOTHING_LOADED, 'style-src': "'unsafe-inline'" })
