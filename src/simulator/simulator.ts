import type { AddressInfo } from 'node:net'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Logger } from '../shared/logger'
import { answerError, ApiError, makeTrackingId } from './api-error'
import { authenticate } from './authentication'
import { consentPages } from './subscribers/consent-page'
import { openDatabase, type Database } from './database'
import { enterpriseRoutes } from './enterprise-routes'
import { injectFaults } from './faults/fault-injection'
import { faultRoutes } from './faults/fault-routes'
import { ledgerRoutes } from './ledger-routes'
import { oauthSettingsRoutes, tokenRoutes } from './oauth/oauth-routes'
import { ORGANISATION } from './organisation'
import { settleDueWork } from './subscribers/progress'
import { subscriberRoutes } from './subscribers/subscriber-routes'

export interface SimulatorOptions {
  databasePath: string
  /** 127.0.0.1 when not given. */
  host?: string
  /** 0, or not given: a free port. */
  port?: number
  /** How long ordinary asynchronous work takes; 1000 when not given. */
  delayMs?: number
  logger: Logger
}

export interface Simulator {
  /** The base URL of the API, with its version and without a slash at the end. */
  url: string
  port: number
  stop(): Promise<void>
}

/** A Webex for BroadWorks upstream on this machine, as its published contract describes it. Its state is one file; it may be killed at any time. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { databasePath, host = '127.0.0.1', port = 0, delayMs = 1000, logger } = options
  const database = openDatabase(databasePath)
  const stopping = new AbortController()
  const app = createServer(database, delayMs, logger, stopping.signal)
  const stop = async () => {
    stopping.abort()
    await app.close()
    database.close()
  }
  try {
    // Its own words: `npm start` shows this line beside the address of the API.
    await app.listen({ host, port, listenTextResolver: address => `The Webex simulator listens at ${address}.` })
  } catch (error) {
    await stop()
    throw error
  }
  const actualPort = (app.server.address() as AddressInfo).port
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}${API_PREFIX}`
  return { url, port: actualPort, stop }
}

const API_PREFIX = '/v1'

function createServer(database: Database, delayMs: number, logger: Logger, stopping: AbortSignal): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = logger
  const app = fastify({
    loggerInstance,
    // The framework's own lines would carry whole URLs, and with them the addresses that lists are filtered by.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'trackingId' }),
    exposeHeadRoutes: false,
    genReqId: makeTrackingId,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  })
  acceptOnlyJson(app)
  app.decorateRequest(ORGANISATION, '')
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(() => {
    throw new ApiError(404, [{ description: 'The requested resource could not be found.' }])
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('trackingid', request.id)
    settleDueWork(database, Date.now())
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    request.log.debug({ method, route: routeOptions.url, statusCode: reply.statusCode }, 'The simulator answered a request')
  })
  app.register(
    async api => {
      injectFaults(api, database, stopping)
      api.register(async open => tokenRoutes(open, database))
      api.register(async guarded => {
        guarded.addHook('onRequest', async request => authenticate(database, request))
        subscriberRoutes(guarded, database, delayMs)
        enterpriseRoutes(guarded, database)
      })
    },
    { prefix: API_PREFIX },
  )
  app.register(
    async tools => {
      consentPages(tools, database, delayMs)
      faultRoutes(tools, database)
      ledgerRoutes(tools, database)
      oauthSettingsRoutes(tools, database)
    },
    { prefix: '/simulator' },
  )
  return app
}

/** Anything but JSON is a 415. An empty body passes: clients send the content type with a DELETE or a consentMove too. */
function acceptOnlyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, body, done)
  })
}
