import isEmail from 'validator/lib/isEmail'
import { type Complaint, Refusal, UserErrorCode } from './errors'

/** Longest address that SMTP carries (RFC 5321, 4.5.3.1.3). */
export const EMAIL_MAX_LENGTH = 254

/** Collects what is wrong with an input, so that a caller is told everything at once. */
export class Checks {
  private readonly complaints: Complaint[] = []

  complain(code: UserErrorCode, field: string[], message: string): void {
    this.complaints.push({ code, field, message })
  }

  /** A text that has to be there. Answers it without the spaces around it. */
  text(field: string[], value: string | null | undefined, maxLength: number): string {
    const text = value?.trim() ?? ''
    if (text === '') this.complain(UserErrorCode.REQUIRED, field, `\`${field.at(-1)}\` is required.`)
    else this.content(field, text, maxLength)
    return text
  }

  /** A text that may be missing; an empty one counts as missing. */
  optionalText(
    field: string[],
    value: string | null | undefined,
    maxLength: number,
    allowed?: { pattern: RegExp; words: string },
  ): string | null {
    const text = value?.trim() ?? ''
    if (text === '') return null
    if (this.content(field, text, maxLength) && allowed && !allowed.pattern.test(text)) {
      this.complain(UserErrorCode.INVALID, field, `\`${field.at(-1)}\` must be ${allowed.words}.`)
    }
    return text
  }

  optionalEmail(field: string[], value: string | null | undefined): string | null {
    const text = this.optionalText(field, value, EMAIL_MAX_LENGTH)
    if (text !== null && text.length <= EMAIL_MAX_LENGTH && !isEmail(text)) {
      this.complain(UserErrorCode.INVALID, field, `\`${field.at(-1)}\` must be an e-mail address such as ann@example.com.`)
    }
    return text
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
