import type { AddressInfo } from 'node:net'
import { createLimits } from './auth/limits'
import type { Config } from './config/config'
import type { StatementObserver } from './database/database'
import { openDatabase } from './database/open-database'
import { lockForServing } from './database/sqlite/server-lock'
import { ENTITIES } from './entities'
import { createBulkOperationFeed } from './features/bulk-operation/bulk-operation.feed'
import { BULK_RESULTS, bulkResultsFile } from './features/bulk-operation/bulk-results-file'
import { openDownload } from './features/download/download.service'
import { exportedUsers } from './features/export/exported-users'
import { ENTITY_REFERENCES } from './features/node/entity-references'
import { createAuthentication } from './features/oidc-caller/authentication'
import { prepareConnections } from './features/partner/connection.service'
import { createPartnerConnections } from './features/partner/partner-connections'
import { portalPlugin } from './features/portal/portal-endpoint'
import { createUserChangeFeed } from './features/user-change/user-change.feed'
import { createApolloServer } from './graphql/engine/apollo'
import type { Context, Platform } from './context/context'
import { buildActivationSchema, buildPartnerSchemas } from './graphql/engine/schema'
import { createHttpServer } from './http/server'
import { JOBS } from './jobs'
import { registerWorkers } from './queue/define-job'
import { createMailTransport } from './mail/mail-transport'
import { PERIODIC_TASKS } from './periodic-tasks'
import { createJobQueue } from './queue/job-runner'
import { startPeriodicTasks } from './queue/periodic-task'
import { createPgBossJobStore } from './queue/pg-boss-job-store'
import { startSimulator } from './simulator/simulator'
import { createTableJobStore } from './queue/table-job-store'
import { ACTIVATION_RESOLVERS, RESOLVERS } from './resolvers'
import { type Clock, systemClock } from './shared/clock'
import { CloserStack } from './shared/closer-stack'
import type { Logger } from './shared/logger'

/**
 * A partner whose Webex hangs has as many jobs under way as calls (webex-call-gate.ts), for 20 seconds each; the others need places of
 * their own. With the usual 8 calls, that is room for four such partners. Jobs mostly wait, so places cost little.
 */
const JOBS_FOR_OTHERS = 24

/** What can be downloaded, by the name that the database has it under. */
const DOWNLOAD_KINDS = { USERS: exportedUsers, [BULK_RESULTS]: bulkResultsFile }

export interface App {
  readonly platform: Platform
  /** Address of the server, without a trailing slash. */
  readonly url: string
  stop(): Promise<void>
}

export interface AppOptions {
  logger: Logger
  clock?: Clock
  /** Sees every SQL statement; for tests. */
  observer?: StatementObserver
}

export interface PlatformOptions {
  /** Gets a closer for everything that is opened. */
  closers?: CloserStack
  /** Address of the simulator of this process, once it listens. */
  simulatorUrl?: () => string
}

/** The database, migrated, and the means to change it. Commands need no more: they enqueue jobs, and a server runs them. */
export async function openPlatform(
  config: Config,
  { logger, clock = systemClock, observer }: AppOptions,
  { closers = new CloserStack(), simulatorUrl = notServing }: PlatformOptions = {},
): Promise<Platform> {
  const database = await openDatabase(config.database, { entities: ENTITIES, logger, ...(observer ? { observer } : {}) })
  closers.add(() => database.close())
  const mail = createMailTransport(config)
  closers.add(() => mail.stop())
  const webex = createPartnerConnections({ config, database, clock, logger }, simulatorUrl)
  closers.add(() => webex.stop())
  const jobs = database.kind === 'postgres' ? createPgBossJobStore(database, clock) : createTableJobStore(database, clock)
  await database.migrate(() => jobs.prepare())
  return {
    config,
    database,
    clock,
    logger,
    queue: createJobQueue(jobs, { clock, logger, concurrency: config.webexLimits.concurrency + JOBS_FOR_OTHERS }),
    webex,
    mail,
    limits: createLimits(database, config.limits),
    userChangeFeed: createUserChangeFeed({ database, logger }),
    bulkOperationFeed: createBulkOperationFeed({ database, logger }),
    publicUrl: () => config.publicUrl ?? `http://${config.host}:${config.port}`,
  }
}

/** Puts the whole server together by hand and starts it. A start that fails closes what it opened. */
export async function startApp(config: Config, options: AppOptions): Promise<App> {
  const closers = new CloserStack()
  try {
    return await openApp(config, options, closers)
  } catch (error) {
    await closers.close().catch((err: unknown) => options.logger.error({ err }, 'A failed start could not be cleaned up.'))
    throw error
  }
}

async function openApp(config: Config, options: AppOptions, closers: CloserStack): Promise<App> {
  const { logger } = options
  if (config.database.kind === 'sqlite') closers.add(lockOrThrow(config.database.path))
  let simulatorUrl = ''
  if (config.simulates) {
    const { databasePath, delayMs } = config.simulator
    const simulator = await startSimulator({ databasePath, delayMs, logger })
    closers.add(() => simulator.stop())
    simulatorUrl = simulator.url
  }
  let port = config.port
  const base = await openPlatform(config, options, { closers, simulatorUrl: () => simulatorUrl })
  const platform: Platform = { ...base, publicUrl: () => config.publicUrl ?? `http://${hostInUrl(config.host)}:${port}` }
  await prepareConnections(platform)
  registerWorkers(platform.queue, JOBS, platform)
  const { served: schema } = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)
  const apollo = createApolloServer<Context>(schema, { ...config, logger })
  await apollo.start()
  const server = await createHttpServer(platform, {
    apollo,
    schema,
    authenticate: createAuthentication(platform),
    openDownload: request => openDownload(platform, DOWNLOAD_KINDS, request),
    plugins: [portalPlugin(platform, buildActivationSchema(ACTIVATION_RESOLVERS).served)],
  })
  const closeServer = (): Promise<void> => server.close()
  closers.add(closeServer)
  await server.listen({ host: config.host, port: config.port })
  // Jobs put it into mails, so the queue starts after it is known.
  port = (server.server.address() as AddressInfo).port
  closers.add(() => platform.queue.stop())
  await platform.queue.start()
  closers.add(startPeriodicTasks(PERIODIC_TASKS, platform))
  // Once everything runs, the server is the first to close: no request comes in while the rest stops. A second close does nothing.
  closers.add(closeServer)
  return { platform, url: platform.publicUrl(), stop: () => closers.close() }
}

/** @throws Error when another process serves the file */
function lockOrThrow(databasePath: string): () => void {
  const unlock = lockForServing(databasePath)
  if (!unlock) throw new Error(`Another process serves ${databasePath} already; stop it first.`)
  return unlock
}

function notServing(): never {
  throw new Error('Only a process that serves speaks to Webex.')
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
