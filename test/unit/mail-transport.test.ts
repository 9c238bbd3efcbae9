import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Mail, MailRefused, type MailTransport } from '../../src/mail/mail'
import { createMailTransport } from '../../src/mail/mail-transport'
import { type MailServer, startMailServer } from '../support/fakes/smtp'

const ADDRESS = 'anna.rossi@customer.example'
const PASSWORD = 'p4ss/w0rd'

let server: MailServer
let transports: MailTransport[]
beforeEach(async () => {
  server = await startMailServer()
  transports = []
})
afterEach(async () => {
  for (const transport of transports) await transport.stop()
  await server.stop()
})

/** A transport to the server of the test, unless the settings name another. */
function transportTo(mail: { smtpUrl?: string | null; from?: string } = {}, sendTimeoutMs?: number): MailTransport {
  const settings = { smtpUrl: server.environment.SMTP_URL, from: server.environment.MAIL_FROM, outboxDirectory: null, ...mail }
  const transport = createMailTransport({ mail: settings }, sendTimeoutMs)
  transports.push(transport)
  return transport
}

function aMail(changes: Partial<Mail> = {}): Mail {
  return {
    id: 'val_01',
    to: ADDRESS,
    subject: 'Bitte bestätigen – è Suo?',
    text: 'Grüße, Anna\nhttps://flow.example/confirm\n',
    html: '<p>Grüße, Anna</p>',
    ...changes,
  }
}

/** What sending ends with; fails when the mail was taken. */
async function failureOf(sending: Promise<void>): Promise<Error> {
  return sending.then(
    () => {
      throw new Error('The mail was taken.')
    },
    (error: Error) => error,
  )
}

describe('A mail by SMTP', () => {
  it('arrives with its sender, subject and both of its parts, umlauts and all', async () => {
    await transportTo().send(aMail())
    const { from, to, subject, text, html } = await server.mailTo(ADDRESS)
    expect(from?.value).toEqual([{ name: 'Grüße von Alice', address: 'webex@alice.example' }])
    expect(to).toMatchObject({ value: [{ name: '', address: ADDRESS }] })
    expect(subject).toBe('Bitte bestätigen – è Suo?')
    expect(text).toBe('Grüße, Anna\nhttps://flow.example/confirm\n')
    expect(html).toMatch(/^<p>Grüße, Anna<\/p>\s*$/)
  })

  it('says that a machine sent it, and keeps its name when it is sent again', async () => {
    const transport = transportTo()
    await transport.send(aMail())
    await transport.send(aMail())
    await transport.send(aMail({ id: 'val_02' }))
    await server.mailTo(ADDRESS, 3)
    expect(server.mails.map(({ parsed }) => parsed.messageId)).toEqual([
      '<val_01@alice.example>',
      '<val_01@alice.example>',
      '<val_02@alice.example>',
    ])
    expect(server.mails.map(({ parsed }) => parsed.headers.get('auto-submitted'))).toEqual(Array(3).fill('auto-generated'))
  })

  it('keeps a long link whole', async () => {
    const link = `https://flow.example/activate/confirm?token=${'eyJhbGciOiJIUzI1NiJ9.'.repeat(20)}end`
    await transportTo().send(aMail({ text: `To confirm it, open this link in your browser:\n${link}\n\nKind regards\n` }))
    expect((await server.mailTo(ADDRESS)).text?.split('\n')).toContain(link)
  })

  it('goes to an internationalized domain', async () => {
    await transportTo().send(aMail({ to: 'anna@bücher.example' }))
    await server.mailTo('anna@bücher.example')
    expect(server.mails[0]?.parsed.headerLines.find(({ key }) => key === 'to')?.line).toBe('To: anna@xn--bcher-kva.example')
  })

  it('gets no header from its subject, and no second receiver from its address', async () => {
    const transport = transportTo()
    await transport.send(aMail({ subject: 'Hello\r\nBcc: eve@evil.example\r\n\r\nBuy' }))
    const { subject, headers } = await server.mailTo(ADDRESS)
    expect(headers.has('bcc')).toBe(false)
    expect(subject).toContain('Bcc: eve@evil.example')
    for (const to of [`${ADDRESS}, eve@evil.example`, `${ADDRESS}\r\nRCPT TO:<eve@evil.example>`]) {
      await transport.send(aMail({ to })).catch(() => undefined)
    }
    expect(server.mails.map(({ to }) => to)).not.toContain('eve@evil.example')
  })

  it.each([
    ['its receiver', 550, 'RCPT TO'],
    ['its content', 554, 'DATA'],
  ])('is refused for good when the server says so of %s, and its address is not repeated', async (what, status, command) => {
    const reason = { status, words: `5.1.1 <${ADDRESS}> is nobody here` }
    if (what === 'its receiver') server.behaviour.refusals.set(ADDRESS, reason)
    else server.behaviour.contentRefusal = reason
    const transport = transportTo()
    const failure = await failureOf(transport.send(aMail()))
    expect(failure).toBeInstanceOf(MailRefused)
    expect(failure.message).toMatch(new RegExp(`^The mail was refused for good \\(\\w+ ${status}( 5\\.\\d\\.\\d)? at ${command}\\)\\.$`))

    server.behaviour.contentRefusal = null
    await transport.send(aMail({ to: 'other@customer.example' }))
    await server.mailTo('other@customer.example')
  })

  it('is refused for good when its address cannot be said to a server', async () => {
    const failure = await failureOf(transportTo().send(aMail({ to: 'anna<rossi>@customer.example' })))
    expect(failure).toBeInstanceOf(MailRefused)
    expect(failure.message).not.toContain('customer.example')
  })

  it.each([
    ['puts its receiver off', { of: 'receiver', status: 450 }],
    ['puts it off once it has read it', { of: 'content', status: 451 }],
    ['closes for now', { of: 'receiver', status: 421 }],
    ['refuses the sender, which is for the operator to mend', { of: 'sender', status: 553 }],
  ])('may still be taken when the server %s', async (_name, { of, status }) => {
    const reason = { status, words: `About ${ADDRESS} from webex@alice.example` }
    if (of === 'receiver') server.behaviour.refusals.set(ADDRESS, reason)
    if (of === 'content') server.behaviour.contentRefusal = reason
    if (of === 'sender') server.behaviour.senderRefusal = reason
    const transport = transportTo()
    const failure = await failureOf(transport.send(aMail()))
    expect(failure).not.toBeInstanceOf(MailRefused)
    expect(failure.message).toContain(String(status))
    expect(`${failure.stack} ${JSON.stringify(failure)}`).not.toMatch(/customer\.example|alice\.example/)

    Object.assign(server.behaviour, { senderRefusal: null, contentRefusal: null })
    server.behaviour.refusals.clear()
    await transport.send(aMail())
    await server.mailTo(ADDRESS)
  })

  it('may be there although nobody said so; then the next try is the same mail', async () => {
    server.behaviour.dropsAfterData = true
    const transport = transportTo()
    const failure = await failureOf(transport.send(aMail()))
    expect(failure).not.toBeInstanceOf(MailRefused)
    expect(failure.message).toMatch(/^The mail was not sent \(ECONNECTION at CONN\): /)

    server.behaviour.dropsAfterData = false
    await transport.send(aMail())
    await server.mailTo(ADDRESS, 2)
    expect(new Set(server.mails.map(({ parsed }) => parsed.messageId)).size).toBe(1)
  })

  it('is given up for now when the server takes too long', async () => {
    server.behaviour.delayMs = 5000
    const failure = await failureOf(transportTo({}, 300).send(aMail()))
    expect(failure).not.toBeInstanceOf(MailRefused)
    expect(failure.message).toBe('The mail server did not take the mail within 0.3 seconds.')
  })

  it('is given up for now when the server says nothing at all', async () => {
    const silent = createServer()
    const sockets: Socket[] = []
    silent.on('connection', socket => sockets.push(socket))
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    try {
      const failure = await failureOf(transportTo({ smtpUrl: `smtp://127.0.0.1:${port}` }, 300).send(aMail()))
      expect(failure.message).toBe('The mail server did not take the mail within 0.3 seconds.')
    } finally {
      sockets.forEach(socket => socket.destroy())
      silent.close()
    }
  })

  it('may still be taken when there is no server', async () => {
    const { port } = server
    await server.stop()
    const failure = await failureOf(transportTo().send(aMail()))
    expect(failure).not.toBeInstanceOf(MailRefused)
    expect(failure.message).toMatch(new RegExp(`^The mail was not sent \\(ESOCKET at CONN\\): .*ECONNREFUSED 127\\.0\\.0\\.1:${port}`))
  })
})

describe('The sign-in at the mail server', () => {
  async function serverWithUsers(): Promise<MailServer> {
    await server.stop()
    server = await startMailServer({
      authOptional: false,
      onAuth: ({ username = '', password }, _session, done) =>
        password === PASSWORD ? done(null, { user: username }) : done(new Error(`No ${username} with ${password}`)),
    })
    return server
  }

  it('uses the user and the password of the URL', async () => {
    const { port } = await serverWithUsers()
    await transportTo({ smtpUrl: `smtp://flow%40alice.example:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}` }).send(aMail())
    expect(server.mails.map(({ user }) => user)).toEqual(['flow@alice.example'])
  })

  it.each([
    ['is refused', 'flow:not-the-password@', /^The mail was not sent \(EAUTH 535( 5\.7\.8)? at AUTH PLAIN\)\.$/],
    ['is missing', '', /^The mail was not sent \(EENVELOPE 530( 5\.7\.0)? at MAIL FROM\)\.$/],
  ])('that %s is no refusal of the mail, and no password is told', async (_name, credentials, message) => {
    const { port } = await serverWithUsers()
    const failure = await failureOf(transportTo({ smtpUrl: `smtp://${credentials}127.0.0.1:${port}` }).send(aMail()))
    expect(failure).not.toBeInstanceOf(MailRefused)
    expect(failure.message).toMatch(message)
    expect(`${failure.stack} ${JSON.stringify([failure, failure.cause])}`).not.toContain('not-the-password')
  })
})

describe('The connection to the mail server', () => {
  /** Every machine is its own 0.0.0.0, and not by a name that stands for this machine alone. */
  const otherMachine = '0.0.0.0'

  async function serverWithEncryption(): Promise<MailServer> {
    await server.stop()
    server = await startMailServer({ disabledCommands: [] })
    return server
  }

  it.each([
    ['another machine', otherMachine, ''],
    ['this machine, when the URL asks for encryption', '127.0.0.1', '?requireTLS=true'],
  ])('is not used without encryption toward %s', async (_name, host, query) => {
    const failure = await failureOf(
      transportTo({ smtpUrl: `smtp://u:${encodeURIComponent(PASSWORD)}@${host}:${server.port}${query}` }).send(aMail()),
    )
    expect(failure).not.toBeInstanceOf(MailRefused)
    expect(failure.message).toMatch(/^The mail was not sent \(ETLS \d{3}.* at STARTTLS\)\.$/)
    expect(server.mails).toEqual([])
  })

  it.each([
    ['this machine', '127.0.0.1', ''],
    ['another machine, when the URL allows it', otherMachine, '?requireTLS=false'],
  ])('is used without encryption toward %s', async (_name, host, query) => {
    await transportTo({ smtpUrl: `smtp://${host}:${server.port}${query}` }).send(aMail())
    expect(server.mails.map(({ isEncrypted }) => isEncrypted)).toEqual([false])
  })

  it.each([
    ['this machine', '127.0.0.1', ''],
    ['another machine, when the URL does without', otherMachine, '?requireTLS=false'],
  ])('is encrypted where that is offered, by whatever certificate, toward %s', async (_name, host, query) => {
    const { port } = await serverWithEncryption()
    await transportTo({ smtpUrl: `smtp://${host}:${port}${query}` }).send(aMail())
    expect(server.mails.map(({ isEncrypted }) => isEncrypted)).toEqual([true])
  })

  it('is not used toward another machine whose certificate nobody vouches for', async () => {
    const { port } = await serverWithEncryption()
    const failure = await failureOf(transportTo({ smtpUrl: `smtp://${otherMachine}:${port}` }).send(aMail()))
    expect(failure).not.toBeInstanceOf(MailRefused)
    expect(failure.message).toMatch(/^The mail was not sent \(\w+ at (CONN|STARTTLS)\): .*certificate/i)
    expect(server.mails).toEqual([])
  })

  it('is checked with smtps:// wherever the server is', async () => {
    await server.stop()
    server = await startMailServer({ secure: true })
    const failure = await failureOf(transportTo({ smtpUrl: `smtps://127.0.0.1:${server.port}` }).send(aMail()))
    expect(failure.message).toMatch(/certificate/i)
    expect(server.mails).toEqual([])
  })
})

describe('Without a mail server and without an outbox', () => {
  it('mails are refused, in words for the operator', async () => {
    const transport = transportTo({ smtpUrl: null })
    expect(transport.kind).toBe('none')
    const failure = await failureOf(transport.send(aMail()))
    expect(failure).toBeInstanceOf(MailRefused)
    expect(failure.message).toBe('The mail was not sent: no SMTP_URL is set.')
  })
})
