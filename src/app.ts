import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config'
import type { Database, StatementObserver } from './database/database'
import { openDatabase } from './database/open-database'
import { lockForServing } from './database/server-lock'
import { ENTITIES } from './entities'
import { abandonAttempt, advanceAttempt } from './features/activation-attempt/activation-runner'
import { ADVANCE_ATTEMPT } from './features/activation-attempt/activation-attempt.service'
import { WATCH_CONSENT, watchConsent } from './features/activation-attempt/consent-watch'
import { viewerOf } from './features/api-token/api-token.service'
import { LOOK_UP_ORGANIZATION, lookUpOrganization } from './features/customer/organization-look-up'
import { ENTITY_REFERENCES } from './features/node/entity-references'
import { webexTokenOf } from './features/partner/partner.service'
import { abandonDeletion, DELETE_SUBSCRIBER, deleteSubscriber } from './features/provisioned-user/deletion'
import { createApolloServer } from './graphql/apollo'
import type { Platform } from './graphql/context'
import { startForgetting } from './graphql/idempotency'
import { buildPartnerSchemas } from './graphql/schema'
import { createHttpServer } from './http/server'
import type { JobQueue } from './provisioning/job-queue'
import { type Simulator, startSimulator } from './provisioning/simulator/simulator'
import { createTableQueue } from './provisioning/table-queue'
import { configuredConnection, connectionsByPartner, type WebexConnections } from './provisioning/webex-connections'
import { RESOLVERS } from './resolvers'
import { type Clock, systemClock } from './shared/clock'
import type { Logger } from './shared/logger'

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
  await database.migrate()
  return {
    config,
    database,
    clock,
    logger,
    queue: createTableQueue(database, clock, logger),
    webex: connections(config, database, simulatorUrl),
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
  let port = config.port
  const base = await openPlatform(config, options, () => simulator?.url ?? '')
  const platform: Platform = { ...base, publicUrl: () => config.publicUrl ?? `http://${hostInUrl(config.host)}:${port}` }
  const stop = async () => {
    await server?.close()
    await platform.queue.stop()
    await endForgetting?.()
    await simulator?.stop()
    await platform.database.close()
    unlock()
  }
  try {
    if (!config.webex) {
      const { databasePath, delayMs } = config.simulator
      simulator = await startSimulator({ databasePath, delayMs, logger: options.logger })
    }
    registerJobs(platform, platform.queue)
    const { served } = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)
    const apollo = createApolloServer(served, { ...config, logger: options.logger })
    await apollo.start()
    server = await createHttpServer(platform, apollo, secret => viewerOf(platform, secret))
    await server.listen({ host: config.host, port: config.port })
    port = (server.server.address() as AddressInfo).port
    await platform.queue.start()
    endForgetting = startForgetting(platform)
  } catch (error) {
    await stop()
    throw error
  }
  return { platform, url: platform.publicUrl(), stop }
}

function registerJobs(platform: Platform, queue: JobQueue): void {
  queue.work(
    ADVANCE_ATTEMPT,
    ({ attemptId }) => advanceAttempt(platform, attemptId as string),
    ({ attemptId }) => abandonAttempt(platform, attemptId as string),
  )
  queue.work(WATCH_CONSENT, ({ userId, mailedAt }) => watchConsent(platform, userId as string, mailedAt as string))
  queue.work(
    DELETE_SUBSCRIBER,
    ({ userId }) => deleteSubscriber(platform, userId as string),
    ({ userId }) => abandonDeletion(platform, userId as string),
  )
  queue.work(LOOK_UP_ORGANIZATION, ({ customerId }) => lookUpOrganization(platform, customerId as string))
}

function connections(config: Config, database: Database, simulatorUrl: () => string): WebexConnections {
  if (config.webex) return configuredConnection(config.webex.baseUrl, config.webex.accessToken)
  return connectionsByPartner(simulatorUrl, partnerId => webexTokenOf(database, config.encryptionKey, partnerId))
}

function notServing(): never {
  throw new Error('Only a process that serves speaks to Webex.')
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
