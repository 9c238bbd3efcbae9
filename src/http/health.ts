import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Platform } from '../context/context'
import { IN_OVERLOAD_TOO } from './overload'

/** For load balancers and supervisors: /healthz says that the process runs, /readyz that it can do its work. */
export function registerHealth(server: FastifyInstance, { database, logger }: Platform): void {
  // Who has too much to do is no better off when it is started again, but others may take the requests.
  server.get('/healthz', IN_OVERLOAD_TOO, async () => ({ status: 'ok' }))
  server.get('/readyz', IN_OVERLOAD_TOO, async (_request, reply) => {
    if (server.isOverloaded()) return notReady(reply)
    try {
      await database.reader.query('SELECT 1')
      return { status: 'ok' }
    } catch (error) {
      logger.error({ err: error }, 'The database does not answer.')
      return notReady(reply)
    }
  })
}

function notReady(reply: FastifyReply): object {
  void reply.code(503)
  return { status: 'unavailable' }
}
