import { createHash, timingSafeEqual } from 'node:crypto'

/** Tells whether a text is one of the tokens, in a time that says nothing about them. */
export function gatewayTokens(tokens: readonly string[]): (given: unknown) => boolean {
  const digests = tokens.map(digest)
  return given => {
    const candidate = digest(String(given))
    return digests.reduce((known, each) => timingSafeEqual(each, candidate) || known, false)
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
