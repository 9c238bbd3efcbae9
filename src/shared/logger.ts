import { pino, type Logger } from 'pino'

export type { Logger }

/** Paths whose values never reach a log line: credentials, and personal data that an operator does not need to find a fault. */
const REDACTED = [
  'authorization',
  'password',
  'accessToken',
  'activationPasscode',
  'email',
  'primaryPhoneNumber',
  'mobilePhoneNumber',
  '*.authorization',
  '*.password',
  '*.accessToken',
  '*.activationPasscode',
  '*.email',
  '*.primaryPhoneNumber',
  '*.mobilePhoneNumber',
  'req.headers',
]

/** JSON lines on standard error, so that standard output stays free for what a command answers. */
export function createLogger(level: string): Logger {
  return pino({ level, redact: { paths: REDACTED, censor: '[redacted]' } }, pino.destination({ dest: 2, sync: false }))
}
