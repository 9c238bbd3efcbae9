import { escapeHtml } from '../../../shared/html'
import type { PortalLocale } from '../portal-sentences'
import { VALIDATION_MAIL_TEXTS, type ValidationMailTexts } from './validation-mail-texts'

export interface ValidationMailFacts {
  firstName: string
  partnerName: string
  /** Name in the signature. */
  partnerAdminName: string
  /** URL of the page with the button that confirms. */
  confirmUrl: string
  /** How long the link is valid. */
  validHours: number
  /** BCP 47, or a form such as `en_US`. A language without texts falls back to English. */
  language: string
}

/** Renders the mail that asks its receiver to confirm the address: one button, no images, no external resources. */
export function renderValidationMail(facts: ValidationMailFacts): { subject: string; text: string; html: string } {
  const language = languageOf(facts.language)
  const texts = VALIDATION_MAIL_TEXTS[language]
  const hours = new Intl.NumberFormat(language, { style: 'unit', unit: 'hour', unitDisplay: 'long' }).format(facts.validHours)
  const parts: MailParts = {
    texts,
    opening: [texts.greeting(oneLine(facts.firstName)), texts.request(oneLine(facts.partnerName))],
    confirmUrl: facts.confirmUrl,
    remarks: [texts.validity(hours), texts.notAsked],
    signature: [...new Set([facts.partnerAdminName, facts.partnerName].map(oneLine))],
  }
  return { subject: texts.subject, text: textOf(parts), html: htmlOf(parts, language) }
}

interface MailParts {
  texts: ValidationMailTexts
  opening: string[]
  confirmUrl: string
  remarks: string[]
  signature: string[]
}

function languageOf(tag: string): PortalLocale {
  const [code = ''] = tag.toLowerCase().split(/[-_]/)
  return Object.hasOwn(VALIDATION_MAIL_TEXTS, code) ? (code as PortalLocale) : 'en'
}

/** Removes line breaks and bidi controls from a name. Names are untrusted: they must not add lines, nor reverse the text behind them. */
function oneLine(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
}

function textOf({ texts, opening, confirmUrl, remarks, signature }: MailParts): string {
  const paragraphs = [...opening, `${texts.openAddress}\n${confirmUrl}`, ...remarks, [texts.closing, ...signature].join('\n')]
  return paragraphs.join('\n\n') + '\n'
}

/**
 * Uses tables and attributes because Outlook renders mails with the engine of Word. That engine ignores the padding of a link, so the cell
 * around the link has some (`mso-padding-alt`). Programs that support `prefers-color-scheme` use these colors in dark mode; others
 * convert the colors themselves.
 */
function htmlOf({ texts, opening, confirmUrl, remarks, signature }: MailParts, language: PortalLocale): string {
  const url = escapeHtml(confirmUrl)
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(texts.subject)}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark }
@media (prefers-color-scheme: dark) {
  .page { background: #121212 !important; color: #f2f2f2 !important }
  .quiet { color: #c0c0c0 !important }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#ffffff;color:#1a1a1a">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#ffffff;color:#1a1a1a">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px">
<tr><td align="left" style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:24px">
${opening.map(paragraph).join('\n')}
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0">
<tr><td align="center" bgcolor="#0b5cad" style="border-radius:6px;mso-padding-alt:14px 28px">
<a href="${url}" style="display:inline-block;padding:14px 28px;color:#ffffff;font-weight:bold;text-decoration:none">${escapeHtml(texts.button)}</a>
</td></tr>
</table>
<p class="quiet" style="margin:0 0 16px;font-size:14px;line-height:20px;color:#595959">${escapeHtml(texts.copyAddress)}<br>
<span style="word-break:break-all">${url}</span></p>
${remarks.map(paragraph).join('\n')}
<p style="margin:24px 0 0">${[texts.closing, ...signature].map(escapeHtml).join('<br>')}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`
}

function paragraph(text: string): string {
  return `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`
}
