import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database } from '../database'
import { linkNextPage, readCursor, readMax, readQuery, readSubscriberFilters } from './list-query'
import { callOf, organisationOf } from '../organisation'
import { resource } from '../resource'
import { listSubscribers, subscriberResource } from './subscriber-table'
import {
  createSubscriber,
  deleteSubscriber,
  precheckSubscriber,
  recordRefusal,
  requireSubscriber,
  resendConsentMail,
  updateSubscriber,
} from './subscriber-work'

/** The handlers answer values and send nothing themselves: a fault may do their work twice, or lose what it came to. */
export function subscriberRoutes(app: FastifyInstance, database: Database, delayMs: number): void {
  resource(app, '/broadworks/subscribers', {
    GET(request, reply) {
      const query = readQuery(request)
      const max = readMax(query, 50, 100)
      const filters = readSubscriberFilters(query)
      const [time, sequence] = readCursor(query, ['number', 'number']) ?? []
      const cursor = time === undefined ? undefined : { time: Number(time), sequence: Number(sequence) }
      const rows = listSubscribers(database, organisationOf(request), filters, max + 1, cursor)
      const last = rows[max - 1]
      const lastTime = filters.lastStatusChange === undefined ? last?.created : last?.lastStatusChange
      if (rows.length > max) linkNextPage(request, reply, [lastTime, last?.sequence])
      return { items: rows.slice(0, max).map(subscriberResource) }
    },
    POST(request) {
      const call = callOf(request)
      try {
        return subscriberResource(immediately(() => createSubscriber(database, delayMs, call, request.body)))
      } catch (error) {
        recordRefusal(database, call, request.body, error)
        throw error
      }
    },
  })
  resource(app, '/broadworks/subscribers/validate', {
    POST: request => precheckSubscriber(database, organisationOf(request), request.body),
  })
  resource(app, '/broadworks/subscribers/:subscriberId', {
    GET: request => subscriberResource(requireSubscriber(database, organisationOf(request), subscriberIdOf(request))),
    PUT(request) {
      const [call, id] = [callOf(request), subscriberIdOf(request)]
      return subscriberResource(immediately(() => updateSubscriber(database, delayMs, call, id, request.body)))
    },
    DELETE(request, reply) {
      immediately(() => deleteSubscriber(database, callOf(request), subscriberIdOf(request)))
      reply.code(204)
      return null
    },
  })
  resource(app, '/subscribers/:subscriberId/emails/consentMove', {
    POST(request, reply) {
      immediately(() => resendConsentMail(database, organisationOf(request), subscriberIdOf(request)))
      reply.code(204)
      return null
    },
  })

  /** Reads, checks and writes without another process in between; what throws is rolled back. */
  function immediately<Answer>(work: () => Answer): Answer {
    return database.transaction(work).immediate()
  }
}

function subscriberIdOf(request: FastifyRequest): string {
  return (request.params as { subscriberId: string }).subscriberId
}
