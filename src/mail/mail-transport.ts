import { domainToASCII } from 'node:url'
import { createTransport, type NodemailerError } from 'nodemailer'
import addressparser from 'nodemailer/lib/addressparser'
import type { Config } from '../config/config'
import { type MailTransport, MailRefused } from './mail'
import { createOutbox } from './outbox'

/** @param sendTimeoutMs how long one mail may take in all, its wait for a free connection included */
export function createMailTransport({ mail }: Pick<Config, 'mail'>, sendTimeoutMs = SEND_TIMEOUT_MS): MailTransport {
  if (mail.smtpUrl !== null) return createSmtpTransport(mail.smtpUrl, mail.from, sendTimeoutMs)
  if (mail.outboxDirectory !== null) return createOutbox(mail.outboxDirectory)
  return {
    kind: 'none',
    async send() {
      throw new MailRefused('The mail was not sent: no SMTP_URL is set.')
    },
    forget: async () => 0,
    async stop() {},
  }
}

/** A job has 30 s in all, and needs some of them for itself. */
const SEND_TIMEOUT_MS = 25_000
/** To find the server, reach it, be greeted and agree on TLS. Who has not managed that by then is not there. */
const CONNECT_TIMEOUT_MS = 10_000
/** Servers that look for spam while they take a mail are silent for some seconds. */
const SILENCE_TIMEOUT_MS = 20_000

function createSmtpTransport(smtpUrl: string, from: string, sendTimeoutMs: number): MailTransport {
  const pool = createTransport({
    pool: true,
    url: smtpUrl,
    ...encryption(smtpUrl),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const [sender] = addressparser(from)
  const domain = domainToASCII((sender?.address ?? '').replace(/^.*@/, ''))
  return {
    kind: 'smtp',
    async send({ id, to, subject, text, html }) {
      try {
        await pool.sendMail({
          from,
          // As an object it is one address, whatever it contains.
          to: { name: '', address: to },
          subject,
          text,
          html,
          // A mail whose acceptance was never heard of is sent again; mailboxes show it once.
          messageId: `<${id}@${domain}>`,
          // No vacation notice answers it (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(sendTimeoutMs),
        })
      } catch (error) {
        throw explain(error as NodemailerError, sendTimeoutMs)
      }
    },
    forget: async () => 0,
    async stop() {
      pool.close()
    },
  }
}

/**
 * Beyond this machine a connection is encrypted and the certificate checked, unless the URL says `?requireTLS=false`. Where encryption is not
 * required it is used when it is offered, and the certificate is not looked at: who could forge it could as well take the offer away.
 */
function encryption(smtpUrl: string): { requireTLS: boolean; tls: { rejectUnauthorized: boolean } } {
  const { protocol, hostname, searchParams } = new URL(smtpUrl)
  const isThisMachine = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname)
  const isRequired = protocol === 'smtps:' || (searchParams.get('requireTLS') ?? String(!isThisMachine)) === 'true'
  return { requireTLS: isRequired, tls: { rejectUnauthorized: isRequired } }
}

/**
 * In words of ours, because those of the library and of mail servers repeat the address. A refusal of the sender or of the sign-in is no
 * refusal of the mail: it ends when the operator has mended the settings.
 */
function explain({ code, command = '', response = '', message, permanent }: NodemailerError, sendTimeoutMs: number): Error {
  if (code === 'EABORT') return new Error(`The mail server did not take the mail within ${sendTimeoutMs / 1000} seconds.`)
  const [status] = /^\d{3}([ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response) ?? []
  const detail = [code, status?.replace('-', ' '), command && `at ${command}`].filter(Boolean).join(' ')
  // An address that cannot even be said to a server is refused by the library.
  const isRefused = command === 'API' ? code === 'EENVELOPE' : permanent && (command === 'RCPT TO' || command === 'DATA')
  if (isRefused) return new MailRefused(`The mail was refused for good (${detail}).`)
  // What happens before the server says anything is about names, addresses and certificates of servers only.
  const isAboutConnection = response === '' && (command === 'CONN' || command === 'STARTTLS')
  return new Error(`The mail was not sent (${detail})${isAboutConnection ? `: ${message}` : '.'}`)
}
