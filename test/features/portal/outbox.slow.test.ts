import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Mail } from '../../../src/mail/mail'
import { startTestApp, type TestApp } from '../../support/world/app'
import { startMailServer } from '../../support/fakes/smtp'

let apps: TestApp[]
beforeEach(() => {
  apps = []
})
afterEach(async () => {
  for (const app of apps) await app.stop()
})

async function startApp(environment: Record<string, string> = {}): Promise<TestApp> {
  const app = await startTestApp({ environment })
  apps.push(app)
  return app
}

function aMail(changes: Partial<Mail> = {}): Mail {
  return {
    id: 'val_01',
    to: 'anna@customer.example',
    subject: 'Please confirm',
    text: 'Hello Anna,\n\nhttps://flow.example/confirm?token=a&b=c\n',
    html: '<!doctype html><p style="color:red">Hello Anna</p>',
    ...changes,
  }
}

async function page(app: TestApp, address = '/dev/outbox') {
  const response = await fetch(`${app.url}${address}`)
  const policy = response.headers.get('content-security-policy') ?? ''
  return { status: response.status, type: response.headers.get('content-type'), policy, text: await response.text() }
}

function folderOf(app: TestApp): string {
  return app.platform.config.mail.outboxDirectory ?? ''
}

describe('The outbox', () => {
  it('keeps a mail in a file of its own, for its owner alone, and what is sent again only once', async () => {
    const app = await startApp()
    expect(app.platform.mail.kind).toBe('outbox')
    await app.platform.mail.send(aMail())
    await app.platform.mail.send(aMail({ subject: 'Please confirm, again' }))
    expect(readdirSync(folderOf(app))).toEqual(['val_01.json'])
    const file = path.join(folderOf(app), 'val_01.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(folderOf(app)).mode & 0o777).toBe(0o700)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      ...aMail({ subject: 'Please confirm, again' }),
      sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    })
  })

  it('keeps the newest 200', async () => {
    const app = await startApp()
    mkdirSync(folderOf(app), { recursive: true })
    for (let number = 0; number < 201; number++) {
      const mail = { ...aMail({ id: `val_${number}` }), sentAt: new Date(Date.UTC(2020, 0, 1, 0, number)).toISOString() }
      writeFileSync(path.join(folderOf(app), `${mail.id}.json`), JSON.stringify(mail))
    }
    await app.platform.mail.send(aMail({ id: 'val_newest' }))
    const kept = readdirSync(folderOf(app))
    expect(kept).toHaveLength(200)
    expect(kept).toContain('val_newest.json')
    expect(kept).toContain('val_2.json')
    expect(kept).not.toContain('val_0.json')
    expect(kept).not.toContain('val_1.json')
  })

  it('writes nothing under a name that leads elsewhere', async () => {
    const app = await startApp()
    await expect(app.platform.mail.send(aMail({ id: '../elsewhere' }))).rejects.toThrow('The ID of a mail')
    expect(readdirSync(path.dirname(folderOf(app)))).not.toContain('elsewhere.json')
  })

  it('is not there beside a mail server', async () => {
    const server = await startMailServer()
    const app = await startApp(server.environment)
    expect(app.platform.mail.kind).toBe('smtp')
    await app.platform.mail.send(aMail())
    await server.mailTo('anna@customer.example')
    expect((await page(app)).status).toBe(404)
    expect(existsSync(path.join(app.platform.config.dataDirectory, 'outbox'))).toBe(false)
    await app.stop()
    apps.pop()
    await server.stop()
  })

  it.each(['on', 'off'])('is never there in production, with the demo %s', async demo => {
    const app = await startApp({ NODE_ENV: 'production', ENCRYPTION_KEY: 'ab'.repeat(32), DEMO_DATA: demo })
    expect(app.platform.mail.kind).toBe('none')
    await expect(app.platform.mail.send(aMail())).rejects.toThrow('The mail was not sent: no SMTP_URL is set.')
    expect((await page(app)).status).toBe(404)
    expect((await page(app, '/dev/outbox/val_01')).status).toBe(404)
    expect(existsSync(path.join(app.platform.config.dataDirectory, 'outbox'))).toBe(false)
  })
})

describe('The page of the outbox', () => {
  it('says what to do while there is no mail', async () => {
    const { status, type, text } = await page(await startApp())
    expect(status).toBe(200)
    expect(type).toBe('text/html; charset=utf-8')
    expect(text).toContain('No mail has been sent yet. Open the activation link')
  })

  it('shows the newest mail first, with its receiver, subject, time, text and a link that works', async () => {
    const app = await startApp()
    await app.platform.mail.send(aMail({ id: 'val_01', subject: 'The first' }))
    await app.platform.mail.send(aMail({ id: 'val_02', subject: 'The second' }))
    // The time of the file does not count: a copy of the folder is in the same order.
    utimesSync(path.join(folderOf(app), 'val_01.json'), new Date(), new Date(Date.now() + 60_000))
    const { text } = await page(app)
    expect([...text.matchAll(/<h2><a href="(.+?)">(.+?)<\/a>/g)].map(([, link, subject]) => [link, subject])).toEqual([
      ['/dev/outbox/val_02', 'The second'],
      ['/dev/outbox/val_01', 'The first'],
    ])
    expect(text).toContain('To anna@customer.example, <time datetime="20')
    expect(text).toContain('<pre>Hello Anna,\n\n<a href="https://flow.example/confirm?token=a&#38;b=c">https://flow.example/confirm?')
  })

  it('shows a mail as mail programs do, where nothing is loaded and no script runs', async () => {
    const app = await startApp()
    await app.platform.mail.send(aMail())
    const { text, type, policy } = await page(app, '/dev/outbox/val_01')
    expect(text).toBe(aMail().html)
    expect(type).toBe('text/html; charset=utf-8')
    expect(policy).toContain("default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src 'none'")
  })

  it('shows what mails say, and lets them do nothing', async () => {
    const app = await startApp()
    const evil = '"><script>alert(1)</script>'
    await app.platform.mail.send(
      aMail({ to: `a${evil}@x.example`, subject: evil, text: `${evil} https://x.example/${evil} javascript:alert(1)` }),
    )
    const { text, policy } = await page(app)
    expect(text).not.toContain('<script')
    expect(text).toContain('&#60;script&#62;alert(1)')
    expect(text).not.toContain('href="javascript')
    expect(policy).toContain("script-src 'none'")
    expect(policy).toMatch(/style-src 'sha256-[\w+/=]+';/)
    expect(policy).not.toContain('unsafe')
  })

  it('has nothing under names of no mail, nor under those that lead elsewhere', async () => {
    const app = await startApp()
    await app.platform.mail.send(aMail())
    writeFileSync(path.join(folderOf(app), '../secret.json'), JSON.stringify(aMail({ html: 'secret' })))
    for (const name of ['val_02', '..%2Fsecret', '%2e%2e%2fsecret', '..%5Csecret', 'val_01.json', 'a'.repeat(100)]) {
      const { status, text } = await page(app, `/dev/outbox/${name}`)
      expect([name, status]).toEqual([name, 404])
      expect(text).not.toContain('secret')
    }
  })
})
