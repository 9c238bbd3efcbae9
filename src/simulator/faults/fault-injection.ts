import { STATUS_CODES } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error'
import type { Database } from '../database'
import { retyped, retypedRefusal } from './fault-retyping'
import type { CallFault } from './fault-rules'
import { drawFault } from './fault-table'
import { callOf } from '../organisation'
import { settleDueWork } from '../subscribers/progress'

/** Lets the faults that somebody asked for happen to every route that is added from now on. `stopping` ends all waiting. */
export function injectFaults(app: FastifyInstance, database: Database, stopping: AbortSignal): void {
  app.addHook('onRoute', route => {
    const { handler } = route
    route.handler = async function (request, reply) {
      const work = async (): Promise<unknown> => handler.call(this, request, reply)
      const drawn = drawFault(database, callOf(request))
      if (!drawn) return work()
      const workLate = async (): Promise<unknown> => {
        settleDueWork(database, Date.now())
        return work()
      }
      return carryOut(drawn.rule, drawn.chance, { work, workLate, request, reply, stopping })
    }
  })
}

interface Exchange {
  work: () => Promise<unknown>
  /** The same when time has gone by since the request came. */
  workLate: () => Promise<unknown>
  request: FastifyRequest
  reply: FastifyReply
  stopping: AbortSignal
}

async function carryOut(fault: CallFault, chance: number, { work, workLate, request, reply, stopping }: Exchange): Promise<unknown> {
  switch (fault.kind) {
    case 'throttle':
      throw refusal(429, fault.retryAfterSeconds)
    case 'lock':
      throw refusal(423, fault.retryAfterSeconds)
    case 'fail':
      throw refusal(fault.httpStatus ?? serverError(chance), fault.retryAfterSeconds)
    case 'fail-after':
      await ended(work())
      throw refusal(fault.httpStatus ?? serverError(chance), fault.retryAfterSeconds)
    case 'hang':
      await wait(fault.delayMs, AbortSignal.any([stopping, goneSignal(request)]))
      return reset(request, reply)
    case 'drop-before':
      return reset(request, reply)
    case 'drop-after':
      await ended(work())
      return reset(request, reply)
    case 'twice':
      await ended(work())
      return work()
    case 'late-answer': {
      const answer = work()
      await ended(answer)
      return (await wait(fault.delayMs, stopping)) ? answer : reset(request, reply)
    }
    case 'late-work':
      // Whether the client still waits makes no difference: that is what makes this fault so mean.
      return (await wait(fault.delayMs, stopping)) ? workLate() : reset(request, reply)
    case 'retype':
      try {
        return retyped(await work())
      } catch (error) {
        throw error instanceof ApiError ? retypedRefusal(error) : error
      }
  }
}

function refusal(httpStatus: number, retryAfterSeconds: number | null): ApiError {
  const description = STATUS_CODES[httpStatus] ?? `Refused with status ${httpStatus}`
  return new ApiError(httpStatus, [{ description }], retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) })
}

function serverError(chance: number): number {
  const kinds = [500, 502, 503, 504]
  return kinds[Math.floor(chance * kinds.length)] ?? 500
}

/** Waits for the work, whatever came of it. */
async function ended(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work])
}

/** False when the signal cut the wait short. */
async function wait(delayMs: number, signal: AbortSignal): Promise<boolean> {
  return sleep(delayMs, true, { signal }).catch(() => false)
}

function goneSignal(request: FastifyRequest): AbortSignal {
  const gone = new AbortController()
  request.raw.socket.once('close', () => gone.abort())
  return gone.signal
}

/** The client sees its connection break, not end: nothing of an answer was sent. */
function reset(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  request.raw.socket.resetAndDestroy()
}
