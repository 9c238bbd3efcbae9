/**
 * What one answer may have, in characters of JSON: ten times a page of a hundred users with all that is known of them. A text can be asked for
 * under many names, and is in memory once until the answer is written.
 */
export const ANSWER_MAX_LENGTH = 16 * 1024 * 1024
/** An honest value has some twenty characters, and fifty of them cost 1. */
export const LENGTH_FOR_A_POINT = 1000
/** What else JSON has beside a value: quotes, colon and comma. */
const PUNCTUATION = 4
/** A number, a boolean, null. */
const OTHER_VALUE = 8

/** How long an answer is as JSON, more or less; no further than it is too long. */
export function answerLength(value: unknown): number {
  let length = 0
  const add = (each: unknown): void => {
    if (length > ANSWER_MAX_LENGTH) return
    if (typeof each === 'string') length += each.length + PUNCTUATION
    else if (Array.isArray(each)) each.forEach(add)
    else if (typeof each === 'object' && each !== null) {
      for (const [name, member] of Object.entries(each)) {
        length += name.length + PUNCTUATION
        add(member)
      }
    } else length += OTHER_VALUE
  }
  add(value)
  return length
}
