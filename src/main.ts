import 'reflect-metadata'
import { type App, startApp } from './app'
import { loadConfig } from './config/config'
import { type Demo, prepareDemo } from './features/demo-data/demo'
import { readOnlyNotes } from './features/partner/connection.service'
import { listPartners } from './features/partner/partner.service'
import { createLogger, endLog, type Logger, standardError } from './shared/logger'
import { withoutSecrets } from './shared/redaction'

/** How long running requests and jobs may take to end when the process is asked to. */
const SHUTDOWN_MS = 30_000

/** Runs the server until it is asked to stop. */
export async function serve(): Promise<void> {
  const config = loadConfig()
  const log = standardError()
  const logger = createLogger(config.logLevel, log)
  const end = (exitCode: number): void => void endLog(log).then(() => process.exit(exitCode))
  // Node itself would print the whole error, with the row that the database refused.
  process.once('uncaughtException', error => {
    logger.fatal({ err: error }, 'An error that nothing was made for; the process ends.')
    end(1)
  })
  const app = await startApp(config, { logger })
  stopOnSignals(app, logger, end)
  const demo = config.demoData ? await prepareDemo(app.platform) : null
  announce(app, demo, (await listPartners(app.platform)).length > 0, await readOnlyNotes(app.platform))
}

function announce({ platform, url }: App, demo: Demo | null, hasPartner: boolean, readOnly: string[]): void {
  const lines = [`API         ${url}/graphql`, `Playground  ${url}/graphiql`]
  if (platform.mail.kind === 'outbox') lines.push(`Mails       ${url}/dev/outbox`)
  if (demo) {
    if (demo.activationLink) lines.push(`Activation  ${demo.activationLink}`)
    if (demo.signIn) lines.push(`Sign in     ${demo.signIn.broadworksId} with the passcode ${demo.signIn.passcode}`)
    lines.push(`Token       ${demo.token}`)
  } else {
    if (!hasPartner) lines.push('Partner     make one with: npm run cli -- partner create --name NAME')
    lines.push('Token       make one with: npm run cli -- token create --role ADMIN')
  }
  lines.push(...readOnly.map(note => `Read-only   ${note}`))
  process.stdout.write(lines.join('\n') + '\n')
}

function stopOnSignals(app: App, logger: Logger, end: (exitCode: number) => void): void {
  let stopping = false
  const stop = (signal: string): void => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'Stopping.')
    setTimeout(() => end(1), SHUTDOWN_MS).unref()
    app.stop().then(
      () => end(0),
      error => {
        logger.error({ err: error }, 'The server could not stop cleanly.')
        end(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** Says in plain words why the process ends, and ends it with exit code 1. */
export function fail(error: unknown): never {
  process.stderr.write(`${withoutSecrets(error instanceof Error ? error.message : String(error))}\n`)
  process.exit(1)
}

if (require.main === module) serve().catch(fail)
