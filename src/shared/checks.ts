import { domainToASCII, domainToUnicode } from 'node:url'
import isEmail from 'validator/lib/isEmail'
import { type Complaint, Refusal, UserErrorCode } from './errors'

/** Longest address that SMTP carries (RFC 5321, 4.5.3.1.3). */
export const EMAIL_MAX_LENGTH = 254
const EMAIL: Allowed = {
  pattern: { test: text => isEmail(text) && isEmail(inOneForm(text)) },
  words: 'an e-mail address such as ann@example.com',
}

/** What a text has to look like, and how people are told. */
export interface Allowed {
  pattern: Pick<RegExp, 'test'>
  words: string
}

/** Collects what is wrong with an input, so that a caller is told everything at once. */
export class Checks {
  private readonly complaints: Complaint[] = []

  complain(code: UserErrorCode, field: string[], message: string): void {
    this.complaints.push({ code, field, message })
  }

  /** A text that has to be there. Answers it without the spaces around it. */
  text(field: string[], value: string | null | undefined, maxLength: number, allowed?: Allowed): string {
    const text = this.optionalText(field, value, maxLength, allowed)
    if (text === null) this.complain(UserErrorCode.REQUIRED, field, `\`${field.at(-1)}\` is required.`)
    return text ?? ''
  }

  /** A text that may be missing; an empty one counts as missing. */
  optionalText(field: string[], value: string | null | undefined, maxLength: number, allowed?: Allowed): string | null {
    const text = value?.trim() ?? ''
    if (text === '') return null
    if (this.content(field, text, maxLength) && allowed && !allowed.pattern.test(text)) {
      this.complain(UserErrorCode.INVALID, field, `\`${field.at(-1)}\` must be ${allowed.words}.`)
    }
    return text
  }

  email(field: string[], value: string | null | undefined): string {
    return inOneForm(this.text(field, value, EMAIL_MAX_LENGTH, EMAIL))
  }

  optionalEmail(field: string[], value: string | null | undefined): string | null {
    const email = this.optionalText(field, value, EMAIL_MAX_LENGTH, EMAIL)
    return email === null ? null : inOneForm(email)
  }

  /** Whether nothing was wrong so far. */
  get areFine(): boolean {
    return this.complaints.length === 0
  }

  /** @throws Refusal with everything that was wrong. */
  throwIfAny(): void {
    if (this.complaints.length > 0) throw new Refusal(this.complaints)
  }

  private content(field: string[], text: string, maxLength: number): boolean {
    // A few characters grow when they are normalized, as the keys beside a text are (see `comparisonKey`).
    const length = Math.max(text.length, text.normalize('NFC').length)
    if (length > maxLength) {
      this.complain(UserErrorCode.TOO_LONG, field, `\`${field.at(-1)}\` may have ${maxLength} characters at most; it has ${length}.`)
      return false
    }
    // Control characters have no place in names, and PostgreSQL cannot store a NUL.
    if (/\p{Cc}|\p{Cs}/u.test(text)) {
      this.complain(UserErrorCode.INVALID, field, `\`${field.at(-1)}\` must not contain control characters.`)
      return false
    }
    return true
  }
}

/**
 * An internationalized domain can be written in many ways (Punycode, other dots, letters in circles), and an address belongs to one user
 * however its domain is written. Without a domain that can be one, nothing stays behind the @.
 */
function inOneForm(email: string): string {
  const at = email.lastIndexOf('@') + 1
  const domain = email.slice(at)
  return /[^\p{ASCII}]|(^|\.)xn--/iu.test(domain) ? email.slice(0, at) + domainToUnicode(domainToASCII(domain)) : email
}
