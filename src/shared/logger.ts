import { setTimeout as sleep } from 'node:timers/promises'
import { type DestinationStream, pino, type Logger } from 'pino'
import { currentRequest } from './current-request'
import { CENSOR, isSecretName, withoutSecrets } from './redaction'

export type { Logger }

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

/** Logs JSON lines, of which none has a credential, an e-mail address or a phone number (redaction.ts). */
export function createLogger(level: string, destination: DestinationStream = standardError()): Logger {
  const censoredEntry = (entry: object) => censored(entry) as Record<string, unknown>
  const serializers = { err: asIs, msg: (message: unknown) => censored(message) }
  // What is logged while a request is answered names it.
  const mixin = () => ({ ...currentRequest.getStore() })
  const logger = pino({ level, formatters: { log: censoredEntry }, serializers, mixin }, destination)
  const child = Reflect.get(logger, 'child') as Child
  // What every line of a child has is formatted once and passes no formatter.
  const censoredChild: Child = function (bindings, options) {
    return child.call(this, censoredEntry(bindings), options)
  }
  Reflect.set(logger, 'child', censoredChild)
  return logger
}

type Child = (this: object, bindings: object, options?: object) => object

function censored(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH_MAX) return '[…]'
  if (value instanceof Error) return describeError(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.map(each => censored(each, depth + 1))
  if (speaksJson(value)) return censored(value.toJSON(), depth + 1)
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      withoutSecrets(name),
      isSecretName(name) && each !== null && typeof each !== 'boolean' ? CENSOR : censored(each, depth + 1),
    ]),
  )
}

function speaksJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

/** An error may carry anything: one of the database has the statement, its parameters and the values of the row that was refused. */
function describeError(error: Error & { code?: unknown }, depth: number): object {
  const { name, message, stack, code, cause } = error
  return {
    type: withoutSecrets(name),
    message: withoutSecrets(message),
    ...(stack === undefined ? {} : { stack: withoutSecrets(stack) }),
    ...(code === undefined ? {} : { code: censored(code, depth + 1) }),
    ...(cause === undefined ? {} : { cause: censored(cause, depth + 1) }),
  }
}

/** What pino would do with an error is done already. */
function asIs(described: unknown): unknown {
  return described
}
