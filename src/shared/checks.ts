import { domainToASCII, domainToUnicode } from 'node:url'
import isEmail from 'validator/lib/isEmail'
import { type Complaint, Refusal, type RefusalReason, UserErrorCode } from './errors'

/** Longest address that SMTP carries (RFC 5321, 4.5.3.1.3). */
const EMAIL_MAX_LENGTH = 254
const EMAIL: Allowed = {
  pattern: { test: text => isEmail(text) && isEmail(inOneForm(text)) },
  words: 'an e-mail address such as ann@example.com',
  reasons: { REQUIRED: 'EMAIL_REQUIRED', INVALID: 'EMAIL_INVALID', TOO_LONG: 'EMAIL_TOO_LONG' },
}

/** What a text has to look like, and how people are told. */
export interface Allowed {
  pattern: Pick<RegExp, 'test'>
  words: string
  /** Reasons of the refusals, where the portal has words of its own for them. */
  reasons?: Record<'REQUIRED' | 'INVALID' | 'TOO_LONG', RefusalReason>
}

/** Collects what is wrong with an input, so that a caller is told everything at once. */
export class Checks {
  private readonly complaints: Complaint[] = []

  complain(code: UserErrorCode, field: string[], message: string, reason?: RefusalReason): void {
    this.complaints.push({ code, field, message, reason })
  }

  /** A text that has to be there. Answers it without the spaces around it. */
  text(field: string[], value: string | null | undefined, maxLength: number, allowed?: Allowed): string {
    const text = this.optionalText(field, value, maxLength, allowed)
    if (text === null) this.complain(UserErrorCode.REQUIRED, field, `\`${field.at(-1)}\` is required.`, allowed?.reasons?.REQUIRED)
    return text ?? ''
  }

  /** A text that may be missing; an empty one counts as missing. */
  optionalText(field: string[], value: string | null | undefined, maxLength: number, allowed?: Allowed): string | null {
    const text = value?.trim() ?? ''
    if (text === '') return null
    if (this.content(field, text, maxLength, allowed) && allowed && !allowed.pattern.test(text)) {
      this.complain(UserErrorCode.INVALID, field, `\`${field.at(-1)}\` must be ${allowed.words}.`, allowed.reasons?.INVALID)
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

  private content(field: string[], text: string, maxLength: number, allowed: Allowed | undefined): boolean {
    // A few characters grow when they are normalized, as the keys beside a text are (see `comparisonKey`).
    const length = Math.max(text.length, text.normalize('NFC').length)
    if (length > maxLength) {
      const message = `\`${field.at(-1)}\` may have ${maxLength} characters at most; it has ${length}.`
      this.complain(UserErrorCode.TOO_LONG, field, message, allowed?.reasons?.TOO_LONG)
      return false
    }
    // Control characters have no place in names, and PostgreSQL cannot store a NUL.
    if (/\p{Cc}|\p{Cs}/u.test(text)) {
      this.complain(UserErrorCode.INVALID, field, `\`${field.at(-1)}\` must not contain control characters.`, allowed?.reasons?.INVALID)
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
