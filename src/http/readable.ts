/**
 * Honest requests are some twenty levels deep. The engine walks what it is given by recursion, and so does JSON: thousands of levels take
 * all of the stack, wherever they are met first.
 */
const DEPTH_MAX = 200

const NUL = 'The request contains the character U+0000, which no text here may have.'
const TOO_DEEP = `The request is nested too deeply; ${DEPTH_MAX} levels are allowed.`

/**
 * Why nobody could do anything with what was given, which is as JSON has it; null when there is nothing against it. PostgreSQL cannot store
 * a NUL, and no honest caller sends one; documents and JSON within texts have it in writing.
 */
export function whyUnreadable(given: unknown, depth = 0): string | null {
  if (typeof given === 'string') return hasNul(given) ? NUL : isDeep(given) ? TOO_DEEP : null
  if (typeof given !== 'object' || given === null) return null
  if (depth === DEPTH_MAX) return TOO_DEEP
  for (const each of Array.isArray(given) ? (given as unknown[]) : Object.entries(given).flat()) {
    const problem = whyUnreadable(each, depth + 1)
    if (problem) return problem
  }
  return null
}

function hasNul(text: string): boolean {
  return text.includes('\0') || /\\u0000|\\u\{0+\}/.test(text)
}

/** Texts and comments of a document, and texts in JSON: a bracket that closes in there closes nothing. */
const NOT_CODE = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n\r])*"|#[^\n\r]*/g

function isDeep(text: string): boolean {
  if (deepest(text, 0) <= DEPTH_MAX) return false
  return deepest(text.replace(NOT_CODE, ''), 1) > DEPTH_MAX
}

/** How many brackets are open at a time, where each that closes takes so many back. */
function deepest(text: string, closing: 0 | 1): number {
  let depth = 0
  let most = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string
    if ('([{'.includes(character)) most = Math.max(most, (depth += 1))
    else if (')]}'.includes(character)) depth = Math.max(0, depth - closing)
  }
  return most
}
