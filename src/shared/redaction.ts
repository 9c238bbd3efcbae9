/** What is written in place of a secret or of personal data. */
export const CENSOR = '[redacted]'

/**
 * Names of fields, by their ends, whose values are never written: credentials, and personal data that an operator does not need to find a
 * fault. Lower case, without `-` and `_`.
 */
const SECRET_NAME = new RegExp(
  `(?:${[
    ...['authorization', 'headers?', 'cookies?', 'session', 'credentials?', 'password', 'passcode', 'passcodehash', 'secrets?'],
    ...['tokens?', 'tokenhash', 'apikey', 'encryptionkeys?(?:old)?', 'personalkey', 'privatekey', 'activationkey', 'sealed'],
    ...['email', 'emailkey', 'emailaddress', 'phone', 'phonenumber', 'firstname', 'lastname', 'lastnamekey', 'broadworksid(?:key)?'],
    // Whole sets of values that somebody sent.
    ...['variables', 'parameters'],
  ].join('|')})$`,
)

const SECRET_WORD = 'pass(?:word|code|wd)|secret|token|api_?key'

/**
 * What gives itself away within a text. Each is tried from few places, or looks a bounded way ahead, so that a text of any kind takes time
 * in proportion to its length. Numbers are told from IDs, counts and times by the way in which phone numbers are written.
 */
const RULES: [pattern: RegExp, replacement: string][] = [
  // Name and password in a URL.
  [/(?<=:\/\/)[^\s/?#"'<>]{1,1000}@/g, `${CENSOR}@`],
  [/\b(Bearer)(?:\s|%20|\+){1,8}(?!tokens?\b)[\w.~+/=-]+/gi, `$1 ${CENSOR}`],
  [/\b(Basic) {1,8}[\w+/-]{20,}=*/gi, `$1 ${CENSOR}`],
  // In the query of a URL or a form, and in JSON, which may be quoted in JSON once more.
  [new RegExp(`((?:${SECRET_WORD})=)[^\\s"'&,;<>]+`, 'gi'), `$1${CENSOR}`],
  [new RegExp(`((?:${SECRET_WORD})\\\\?"\\s?:\\s?\\\\?")[^"\\\\]+`, 'gi'), `$1${CENSOR}`],
  // As headers and settings are written.
  [/((?:pass(?:word|code|wd)|secret|gateway-token|encryption_keys?(?:_old)?)[:=] ?)[^\s"'{}[\]]+/gi, `$1${CENSOR}`],
  [/\b((?:set-)?cookie: ?)[^\r\n]+/gi, `$1${CENSOR}`],
  // Links that let in whoever has them.
  [/(?<=\/(?:downloads|activate)\/)(?!confirm\b)[\w.%-]+/g, CENSOR],
  // Our API tokens, and those that stand for partners in the simulator.
  [/flt_[\w-]{4,}/g, CENSOR],
  [/simulated-[0-9a-f]{16,}/g, CENSOR],
  // JSON Web Tokens.
  [/(?:(?<![\w-])|(?<=%[0-9a-f]{2}))eyJ[\w-]+\.[\w.-]*/gi, CENSOR],
  // Access tokens of Webex end in the place where they were made and the ID of an organisation.
  [/(?<![\w-])[\w-]{40,}_[A-Z][A-Z0-9]{3}_[0-9a-f]{8}-[0-9a-f-]{27}/g, CENSOR],
  // E-mail addresses and BroadWorks IDs.
  [/[^\s@<>()[\]{}"'`,:;\\/?=&|]{1,64}(?:@|%40)[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63})*/gu, CENSOR],
  // Phone numbers: international with their +, and as North America writes them.
  [/(?<![\w+])(?:\+|%2B)[1-9](?:[ .()/-]{0,2}\d){6,16}/gi, CENSOR],
  [/(?<![\w.:-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w:-])/g, CENSOR],
]

/** Characters of one text; longer ones are cut, at a space, so that no half of a secret escapes its rule. */
const TEXT_MAX = 16_384

/** Whether the value of a field of this name is not to be written, whatever it is. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.replace(/[-_]/g, '').toLowerCase())
}

/** A text without what can be known for a credential, an e-mail address or a phone number. */
export function withoutSecrets(text: string): string {
  const isLong = text.length > TEXT_MAX
  const kept = isLong ? text.slice(0, Math.max(0, text.lastIndexOf(' ', TEXT_MAX))) : text
  const clean = RULES.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), kept)
  return isLong ? `${clean} [… of ${text.length} characters]` : clean
}
