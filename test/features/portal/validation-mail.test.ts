import { renderValidationMail } from '../../../src/features/portal/validation-mail/validation-mail'

const URL_WITH_TOKEN = 'https://flow.example/activate/confirm?token=eyJh.abc&x=1'

function render(changes: Partial<Parameters<typeof renderValidationMail>[0]> = {}) {
  return renderValidationMail({
    firstName: 'Anna',
    partnerName: 'Alice Telecom',
    partnerAdminName: 'Carla Verdi',
    confirmUrl: URL_WITH_TOKEN,
    validHours: 24,
    language: 'en',
    ...changes,
  })
}

/** What a reader sees of the HTML. */
function visible(html: string): string {
  return html
    .replace(/<head>[^]*<\/head>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, ' ')
}

const LANGUAGES: [string, RegExp, string, RegExp][] = [
  ['en', /^Confirm your e-mail address/, 'Hello Anna,', /works for 24 hours/],
  ['it', /^Confermi il Suo indirizzo/, 'Gentile Anna,', /valido per 24 ore/],
  ['de', /bestätigen Sie Ihre E-Mail-Adresse/, 'Guten Tag Anna,', /gilt 24 Stunden/],
  ['fr', /confirmer votre adresse/, 'Bonjour Anna,', /valable 24\sheures/],
  ['es', /^Confirme su dirección/, 'Hola, Anna:', /durante 24 horas/],
]

describe('The validation mail', () => {
  it.each(LANGUAGES)('speaks %s, in both parts', (language, subject, greeting, validity) => {
    const mail = render({ language })
    expect(mail.subject).toMatch(subject)
    expect(mail.html).toContain(`<html lang="${language}">`)
    for (const part of [mail.text, visible(mail.html)]) {
      expect(part).toContain(greeting)
      expect(part).toMatch(validity)
      expect(part).toContain('Alice Telecom')
      expect(part).toMatch(/Carla Verdi\s+Alice Telecom\s*$/)
    }
  })

  it.each(LANGUAGES)('in %s says the same in both parts, but for the button', language => {
    const { text, html } = render({ language })
    const paragraphs = text.split('\n\n').filter(paragraph => !paragraph.includes(URL_WITH_TOKEN))
    expect(paragraphs).toHaveLength(5)
    for (const paragraph of paragraphs) expect(visible(html)).toContain(paragraph.trim().replace(/\s+/g, ' '))
  })

  it('says each thing differently in each language', () => {
    const mails = LANGUAGES.map(([language]) => render({ language }))
    const lines = mails.flatMap(({ subject, text, html }) => [
      subject,
      ...text.split('\n\n').slice(0, -1),
      /<a [^>]*>(.+)<\/a>/.exec(html)?.[1],
    ])
    expect(new Set(lines).size).toBe(lines.length)
  })

  it.each([
    ['de-CH', 'de'],
    ['de_AT', 'de'],
    ['IT', 'it'],
    ['en_US', 'en'],
    ['zh-Hans', 'en'],
    ['', 'en'],
    ['constructor', 'en'],
  ])('for the language %j is in %s', (language, spoken) => {
    expect(render({ language })).toEqual(render({ language: spoken }))
  })

  it('has the link on a line of its own in the text', () => {
    expect(render().text.split('\n')).toContain(URL_WITH_TOKEN)
  })

  it('has one link in HTML, which is the button, and the address to copy beneath it', () => {
    const { html } = render()
    const escaped = URL_WITH_TOKEN.replace('&', '&#38;')
    expect([...html.matchAll(/<a\b[^>]*>(.*?)<\/a>/g)].map(([, label]) => label)).toEqual(['Confirm e-mail address'])
    expect(html).toContain(`<a href="${escaped}"`)
    expect(html.split(escaped)).toHaveLength(3)
    expect(html.indexOf('Confirm e-mail address</a>')).toBeLessThan(html.lastIndexOf(escaped))
  })

  it('loads nothing: no image, no script, no style sheet, and no other address', () => {
    const { html } = render()
    expect(html).not.toMatch(/<(img|script|link|iframe|object|form)\b|url\(|@import|src=|background=/i)
    expect([...html.matchAll(/\w+:\/\/[^"<\s]+/g)].map(([address]) => new URL(address).host)).toEqual(['flow.example', 'flow.example'])
  })

  it('takes names as text', () => {
    const name = `<a href="https://evil.example">O'Neil & "Söhne"</a>`
    const { html, text } = render({ firstName: name, partnerName: name, partnerAdminName: name })
    expect(html.match(/<a\b/g)).toHaveLength(1)
    expect(html).not.toContain('"Söhne"')
    expect(visible(html).split(name)).toHaveLength(4)
    expect(text).toContain(`Hello ${name},`)
  })

  it('gives names no lines of their own, in the subject least of all', () => {
    const broken = 'Anna\r\nBcc: eve@evil.example\u2028\n\nhttps://evil.example/\u202e'
    const { subject, text } = render({ firstName: broken, partnerName: broken, partnerAdminName: broken })
    expect(subject).not.toMatch(/[\r\n]/)
    expect(text.split('\n').filter(line => /^(Bcc|https:\/\/evil)/.test(line))).toEqual([])
    expect(text).toContain('Hello Anna Bcc: eve@evil.example https://evil.example/,')
    expect(text).not.toMatch(/[\u2028\u202e]/)
  })

  it('counts one hour as one', () => {
    expect(render({ validHours: 1 }).text).toContain('works for 1 hour and')
    expect(render({ validHours: 1, language: 'it' }).text).toContain('per 1 ora e')
  })

  it('is signed once where the partner signs by itself', () => {
    expect(render({ partnerAdminName: 'Alice Telecom' }).text).toMatch(/Kind regards,\nAlice Telecom\n$/)
  })
})
