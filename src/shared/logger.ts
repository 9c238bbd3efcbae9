import { type DestinationStream, pino, type Logger } from 'pino'

export type { Logger }

/** Fields whose values never reach a log line: credentials, and personal data that an operator does not need to find a fault. */
const REDACTED = new Set(
  [
    'authorization',
    'headers',
    'password',
    'secret',
    'accessToken',
    'refreshToken',
    'clientSecret',
    'encryptedWebexToken',
    'tokenHash',
    'activationPasscode',
    'passcodeHash',
    'email',
    'serviceProviderAdminEmail',
    'firstName',
    'lastName',
    'primaryPhoneNumber',
    'mobilePhoneNumber',
  ].map(name => name.toLowerCase()),
)
const CENSOR = '[redacted]'

/** Deeper than anything that we log on purpose; ends circles, too. */
const DEPTH_MAX = 8

/** JSON lines on standard error, so that standard output stays free for what a command answers. */
export function createLogger(level: string, destination: DestinationStream = pino.destination({ dest: 2, sync: false })): Logger {
  return pino({ level, formatters: { log: entry => censored(entry) as Record<string, unknown> }, serializers: { err: asIs } }, destination)
}

function censored(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) return '[…]'
  if (value instanceof Error) return describeError(value, depth)
  if (Array.isArray(value)) return value.map(each => censored(each, depth + 1))
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, REDACTED.has(name.toLowerCase()) ? CENSOR : censored(each, depth + 1)]),
  )
}

/** An error may carry anything: one of the database has the statement, its parameters and the values of the row that was refused. */
function describeError(error: Error & { code?: unknown }, depth: number): object {
  const { name, message, stack, code, cause } = error
  return {
    type: name,
    message: withoutAddresses(message),
    ...(stack === undefined ? {} : { stack: withoutAddresses(stack) }),
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: censored(cause, depth + 1) }),
  }
}

/** E-mail addresses and BroadWorks IDs, which the one or the other puts into its message. */
function withoutAddresses(text: string): string {
  return text.replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, CENSOR)
}

/** What pino would do with an error is done already. */
function asIs(described: unknown): unknown {
  return described
}
