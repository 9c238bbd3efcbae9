import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { Unavailable } from '../shared/errors'

/** Refuses what comes while the process is later with everything than the limit: what it has is answered, rather than all too late. */
export async function registerOverload(server: FastifyInstance, delayMs: number): Promise<void> {
  await server.register(underPressure, { maxEventLoopDelay: delayMs, customError: Overloaded })
}

/** For a route that answers nevertheless. */
export const IN_OVERLOAD_TOO = { config: { pressureHandler: () => undefined } }

export const OVERLOADED = {
  code: 'UNAVAILABLE',
  message: 'This server has too much to do. Nothing was done; try again in a moment.',
} as const

class Overloaded extends Unavailable {
  constructor() {
    super(OVERLOADED.message)
  }
}
