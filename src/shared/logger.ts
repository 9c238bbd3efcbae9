import { setTimeout as sleep } from 'node:timers/promises'
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

/** Bytes that wait for a reader of the log who is slow; what comes beyond them is not logged. */
const UNREAD_MAX = 8 * 1024 * 1024
/** How long the reader has for what is left of the log when the process ends. */
const LAST_LINES_MS = 1000

/** Standard error, so that standard output stays free for what a command answers; written while the process goes on. */
export function standardError() {
  return pino.destination({ dest: 2, sync: false, maxLength: UNREAD_MAX })
}

/**
 * Writes what is left of the log; nothing can be logged after it. Left to the end of the process, it would wait for ever for a reader
 * that is gone or stuck.
 */
export async function endLog(log: ReturnType<typeof standardError>): Promise<void> {
  const written = new Promise(resolve => log.once('close', resolve).once('error', resolve))
  log.end()
  await Promise.race([written, sleep(LAST_LINES_MS)])
  log.destroy()
}

/** Logs JSON lines. */
export function createLogger(level: string, destination: DestinationStream = standardError()): Logger {
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
