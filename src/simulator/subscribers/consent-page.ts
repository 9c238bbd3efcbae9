import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { escapeHtml } from '../../shared/html'
import { workMs } from './address-rules'
import { acceptConsent, findConsentMail, newestConsentMails, type ConsentMail } from './consent-mails'
import type { Database } from '../database'
import { resource } from '../resource'

/** The simulator's own pages: what in life would be a mailbox and a page of Webex. They are a local tool and ask for no token. */
export function consentPages(app: FastifyInstance, database: Database, delayMs: number): void {
  // A browser sends the form without fields; there is nothing in it to read.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, _body, done) => done(null))

  resource(app, '/health', { GET: () => ({ status: 'ok' }) })
  resource(app, '/outbox', {
    GET(request, reply) {
      const origin = `${request.protocol}://${request.host}`
      const mails = newestConsentMails(database, MAILS_SHOWN).map(mail => mailResource(mail, origin))
      reply.header('vary', 'accept')
      if (!request.headers.accept?.includes('text/html')) return { items: mails }
      return sendPage(reply, 200, 'Outbox', outboxBody(mails))
    },
  })
  resource(app, '/consent/:token', {
    // Following the link changes nothing: mail scanners follow links too.
    GET(request, reply) {
      const mail = findConsentMail(database, tokenOf(request))
      if (mail?.state !== 'open') return refuseToken(reply, mail)
      const [name, address] = [escapeHtml(mail.name), escapeHtml(mail.address)]
      const question = `<p>${name}, your account <strong>${address}</strong> is to be managed by your service provider.</p>`
      return sendPage(reply, 200, 'Move your account', `${question}<form method="post"><button>Agree and move</button></form>`)
    },
    POST(request, reply) {
      const token = tokenOf(request)
      const now = Date.now()
      const isAccepted = acceptConsent(database, token, now, email => now + workMs(email, delayMs))
      if (!isAccepted) return refuseToken(reply, findConsentMail(database, token))
      return sendPage(reply, 200, 'Thank you', '<p>Your account is being moved. You can close this page.</p>')
    },
  })
}

/** A page of mails is for looking, not an archive. */
const MAILS_SHOWN = 100

function mailResource(mail: ConsentMail, origin: string) {
  return {
    to: mail.address,
    subject: `${mail.name}, agree to move your Webex account`,
    link: `${origin}/simulator/consent/${mail.token}`,
    state: mail.state,
    created: new Date(mail.created).toISOString(),
  }
}

function outboxBody(mails: ReturnType<typeof mailResource>[]): string {
  const items = mails.map(mail => {
    const link = `<a href="${escapeHtml(mail.link)}">${escapeHtml(mail.subject)}</a>`
    return `<li>${link}<br>to ${escapeHtml(mail.to)}, <time datetime="${mail.created}">${mail.created}</time>, ${mail.state}</li>`
  })
  return items.length > 0
    ? `<p>The newest first, at most ${MAILS_SHOWN}.</p><ol>${items.join('')}</ol>`
    : '<p>No mail has been sent yet.</p>'
}

function refuseToken(reply: FastifyReply, mail: ConsentMail | undefined): FastifyReply {
  if (!mail) return sendPage(reply, 404, 'Unknown link', '<p>This link is not known.</p>')
  if (mail.state === 'accepted') return sendPage(reply, 410, 'Already used', '<p>You have agreed already. There is nothing left to do.</p>')
  return sendPage(reply, 410, 'No longer valid', '<p>This link is no longer valid. Open the newest mail.</p>')
}

function sendPage(reply: FastifyReply, statusCode: number, title: string, body: string): FastifyReply {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} - Webex simulator</title>`
  return reply
    .code(statusCode)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .send(`<!doctype html><html lang="en"><head>${head}</head><body><main><h1>${title}</h1>${body}</main></body></html>`)
}

function tokenOf(request: FastifyRequest): string {
  return (request.params as { token: string }).token
}
