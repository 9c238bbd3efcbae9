import type { FastifyRequest } from 'fastify'
import { runWithDeadline } from '../shared/deadline'

const begunAt = new WeakMap<FastifyRequest, number>()

/** Does a part of what a request asks for. The time is that of all its parts, from the first on. @throws RequestTookTooLong */
export function inTime<Result>(request: FastifyRequest, timeoutMs: number, work: () => Promise<Result> | Result): Promise<Result> {
  const now = performance.now()
  const begun = begunAt.get(request) ?? now
  begunAt.set(request, begun)
  return runWithDeadline(timeoutMs, work, now - begun)
}
