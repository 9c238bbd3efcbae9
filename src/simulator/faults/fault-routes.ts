import type { FastifyInstance } from 'fastify'
import type { Database } from '../database'
import { faultRules } from './fault-rules'
import { listFaults, replaceFaults } from './fault-table'
import { readBody } from '../request-body'
import { resource } from '../resource'

/** Where the simulator is told to fail; a development tool like its other pages, so it asks for no token. */
export function faultRoutes(app: FastifyInstance, database: Database): void {
  resource(app, '/faults', {
    GET: () => ({ items: listFaults(database) }),
    PUT(request) {
      replaceFaults(database, readBody(faultRules, request.body))
      return { items: listFaults(database) }
    },
    DELETE(_request, reply) {
      replaceFaults(database, [])
      return reply.code(204).send()
    },
  })
}
