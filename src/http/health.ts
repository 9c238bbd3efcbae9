import type { FastifyInstance } from 'fastify'
import type { Platform } from '../graphql/context'

/** For load balancers and supervisors: /healthz says that the process runs, /readyz that it can do its work. */
export function registerHealth(server: FastifyInstance, { database, logger }: Platform): void {
  server.get('/healthz', async () => ({ status: 'ok' }))
  server.get('/readyz', async (_request, reply) => {
    try {
      await database.reader.query('SELECT 1')
      return { status: 'ok' }
    } catch (error) {
      logger.error({ err: error }, 'The database does not answer.')
      return reply.code(503).send({ status: 'unavailable' })
    }
  })
}
