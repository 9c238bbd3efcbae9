import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Unavailable } from '../shared/errors'

/** How long requests under way have when the server stops; what is not answered by then never will be. */
const LAST_ANSWERS_MS = 20_000

/**
 * Ends connections that would keep the server from closing, and refuses what still comes over others. Node ends those that wait for a next
 * request; browsers also open some ahead of the first, which it takes for busy.
 */
export function registerClosing(server: FastifyInstance): void {
  const connections = new Set<Socket>()
  let closing = false
  server.server.on('connection', (connection: Socket) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  server.addHook('onRequest', async (_request, reply) => {
    if (!closing) return
    void reply.header('connection', 'close')
    throw new Unavailable('This server is stopping. Nothing was done; try again in a moment.')
  })
  server.addHook('preClose', async () => {
    closing = true
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy()
    setTimeout(() => server.server.closeAllConnections(), LAST_ANSWERS_MS).unref()
  })
}
