/** A page may load from its own server and from nowhere else, runs no inline script, and sits in nobody's frame. */
const STRICT = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

/** The value of the Content-Security-Policy header: the strict policy, with what one page needs beyond it. */
export function contentSecurityPolicy(additions: Record<string, string> = {}): string {
  return Object.entries({ ...STRICT, ...additions })
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ')
}
