import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { createLimits } from './auth/limits'
import type { Config } from './config/config'
import type { StatementObserver } from './database/database'
import { openDatabase } from './database/open-database'
import { lockForServing } from './database/sqlite/server-lock'
import { ENTITIES } from './entities'
import { BULK_RESULTS, bulkResultsFile } from './features/bulk-operation/bulk-results-file'
import { openDownload } from './features/download/download.service'
import { exportedUsers } from './features/export/exported-users'
import { ENTITY_REFERENCES } from './features/node/entity-references'
import { createAuthentication } from './features/oidc-caller/authentication'
import { prepareConnections } from './features/partner/connection.service'
import { createPartnerConnections } from './features/partner/partner-connections'
import { portalPlugin } from './features/portal/portal-endpoint'
import { startSchedule } from './features/sync/schedule'
import { startFolding } from './features/user-change/user-count.service'
import { startForgetting } from './forgetting'
import { createApolloServer } from './graphql/engine/apollo'
import type { Context, Platform } from './context/context'
import { buildActivationSchema, buildPartnerSchemas } from './graphql/engine/schema'
import { createHttpServer } from './http/server'
import { registerJobs } from './jobs'
import { createMailTransport } from './mail/mail-transport'
import { createJobQueue } from './queue/job-runner'
import { createPgBossJobStore } from './queue/pg-boss-job-store'
import { type Simulator, startSimulator } from './simulator/simulator'
import { createTableJobStore } from './queue/table-job-store'
import { ACTIVATION_RESOLVERS, RESOLVERS } from './resolvers'
import { type Clock, systemClock } from './shared/clock'
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

/**
 * The database, migrated, and the means to change it. Commands need no more: they enqueue jobs, and whoever serves does them.
 * @param simulatorUrl where the simulator of this process listens, once it does
 */
export async function openPlatform(
  config: Config,
  { logger, clock = systemClock, observer }: AppOptions,
  simulatorUrl: () => string = notServing,
): Promise<Platform> {
  const database = await openDatabase(config.database, { entities: ENTITIES, logger, ...(observer ? { observer } : {}) })
  const jobs = database.kind === 'postgres' ? createPgBossJobStore(database, clock) : createTableJobStore(database, clock)
  await database.migrate(() => jobs.prepare())
  return {
    config,
    database,
    clock,
    logger,
    queue: createJobQueue(jobs, { clock, logger, concurrency: config.webexLimits.concurrency + JOBS_FOR_OTHERS }),
    webex: createPartnerConnections({ config, database, clock, logger }, simulatorUrl),
    mail: createMailTransport(config),
    limits: createLimits(database, config.limits),
    publicUrl: () => config.publicUrl ?? `http://${config.host}:${config.port}`,
  }
}

/** Puts the whole server together by hand and starts it. */
export async function startApp(config: Config, options: AppOptions): Promise<App> {
  const unlock = config.database.kind === 'sqlite' ? lockForServing(config.database.path) : () => undefined
  if (!unlock)
    throw new Error(`Another process serves ${config.database.kind === 'sqlite' ? config.database.path : ''} already; stop it first.`)
  let simulator: Simulator | null = null
  let server: FastifyInstance | null = null
  let endForgetting: (() => Promise<void>) | null = null
  let endSchedule: (() => Promise<void>) | null = null
  let endFolding: (() => Promise<void>) | null = null
  let port = config.port
  const base = await openPlatform(config, options, () => simulator?.url ?? '')
  const platform: Platform = { ...base, publicUrl: () => config.publicUrl ?? `http://${hostInUrl(config.host)}:${port}` }
  const stop = async () => {
    await server?.close()
    await endSchedule?.()
    await endFolding?.()
    await platform.queue.stop()
    await endForgetting?.()
    await platform.webex.stop()
    await platform.mail.stop()
    await simulator?.stop()
    await platform.database.close()
    unlock()
  }
  try {
    if (config.simulates) {
      const { databasePath, delayMs } = config.simulator
      simulator = await startSimulator({ databasePath, delayMs, logger: options.logger })
    }
    await prepareConnections(platform)
    registerJobs(platform)
    const { logger } = options
    const { served: schema } = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)
    const apollo = createApolloServer<Context>(schema, { ...config, logger })
    await apollo.start()
    server = await createHttpServer(platform, {
      apollo,
      schema,
      authenticate: createAuthentication(platform),
      openDownload: request => openDownload(platform, DOWNLOAD_KINDS, request),
      plugins: [portalPlugin(platform, buildActivationSchema(ACTIVATION_RESOLVERS).served)],
    })
    await server.listen({ host: config.host, port: config.port })
    port = (server.server.address() as AddressInfo).port
    await platform.queue.start()
    endForgetting = startForgetting(platform)
    endSchedule = startSchedule(platform)
    endFolding = startFolding(platform)
  } catch (error) {
    await stop()
    throw error
  }
  return { platform, url: platform.publicUrl(), stop }
}

function notServing(): never {
  throw new Error('Only a process that serves speaks to Webex.')
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
