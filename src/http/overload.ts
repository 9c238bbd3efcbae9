import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { Unavailable } from '../shared/errors'

declare module 'fastify' {
  interface FastifyInstance {
    isOverloaded(): boolean
  }
}

export const OVERLOADED = {
  code: 'UNAVAILABLE',
  message: 'This server has too much to do. Nothing was done; try again in a moment.',
} as const

/** Refuses what comes while the process is later with everything than the limit: what it has is answered, rather than all too late. */
export async function registerOverload(server: FastifyInstance, delayMs: number): Promise<void> {
  await server.register(underPressure, {
    maxEventLoopDelay: delayMs,
    async pressureHandler() {
      if (server.isOverloaded()) throw new Unavailable(OVERLOADED.message)
    },
  })
  server.decorate('isOverloaded', () => {
    const { eventLoopDelay } = server.memoryUsage()
    // After a second in which nothing could be measured, such as one of the start, the library takes the delay for infinite.
    return Number.isFinite(eventLoopDelay) && eventLoopDelay > delayMs
  })
}

/** For a route that answers nevertheless. */
export const IN_OVERLOAD_TOO = { config: { pressureHandler: () => undefined } }
