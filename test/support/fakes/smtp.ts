import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'
import { eventually } from '../world/waiting'

/** A mail server that keeps what it gets, and misbehaves when it is told to. */
export interface MailServer {
  port: number
  /** For an app that is to send through it. */
  environment: { SMTP_URL: string; MAIL_FROM: string }
  /** What it has taken, in the order of arrival. */
  mails: ReceivedMail[]
  behaviour: MailServerBehaviour
  /** Waits for the mail to this address, or for the one of this number when more than one is expected; answers it. */
  mailTo(address: string, number?: number): Promise<ParsedMail>
  stop(): Promise<void>
}

export interface ReceivedMail {
  /** The receiver that the envelope names. */
  to: string
  isEncrypted: boolean
  /** Who signed in, if anybody did. */
  user: string | undefined
  parsed: ParsedMail
}

export interface MailServerBehaviour {
  /** By address: with what it refuses that receiver, 5xx for good or 4xx for the time being. */
  refusals: Map<string, { status: number; words: string }>
  /** With what it refuses senders, if it does. */
  senderRefusal: { status: number; words: string } | null
  /** With what it refuses mails once it has read them, if it does. */
  contentRefusal: { status: number; words: string } | null
  /** How long it thinks about a mail that it has read, in milliseconds. */
  delayMs: number
  /** Whether it keeps the mail and hangs up without an answer. */
  dropsAfterData: boolean
}

/** @param options of the library; STARTTLS is not offered unless `disabledCommands` says otherwise */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  const sockets = new Map<number, Socket>()
  const behaviour: MailServerBehaviour = {
    refusals: new Map(),
    senderRefusal: null,
    contentRefusal: null,
    delayMs: 0,
    dropsAfterData: false,
  }
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    closeTimeout: 50,
    logger: false,
    onMailFrom: (_address, _session, done) => done(refusal(behaviour.senderRefusal)),
    onRcptTo: ({ address }, _session, done) => done(refusal(behaviour.refusals.get(address.toLowerCase()))),
    onData: (stream, session, done) => void receive(stream, session).then(done, done),
    ...options,
  })

  /** Answers why it does not take the mail, or null. */
  async function receive(stream: SMTPServerDataStream, { envelope, secure, user, remotePort }: SMTPServerSession): Promise<Error | null> {
    const parsed = await simpleParser(stream)
    // Nobody waits for the end of this when the test is over.
    await sleep(behaviour.delayMs, undefined, { ref: false })
    if (behaviour.contentRefusal) return refusal(behaviour.contentRefusal)
    for (const { address } of envelope.rcptTo) mails.push({ to: address.toLowerCase(), isEncrypted: secure, user, parsed })
    if (behaviour.dropsAfterData) sockets.get(remotePort)?.destroy()
    return null
  }

  server.server.on('connection', (socket: Socket) => sockets.set(socket.remotePort ?? 0, socket))
  // Whoever hangs up in the middle is part of the tests.
  server.on('error', () => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    environment: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'Grüße von Alice <webex@alice.example>' },
    mails,
    behaviour,
    mailTo: (address, number = 1) => eventually(async () => mails.filter(({ to }) => to === address.toLowerCase())[number - 1]?.parsed),
    stop: () => new Promise(resolve => server.close(resolve)),
  }
}

function refusal(reason: { status: number; words: string } | null | undefined): Error | null {
  return reason ? Object.assign(new Error(reason.words), { responseCode: reason.status }) : null
}
