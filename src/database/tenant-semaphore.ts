import { Semaphore } from 'async-mutex'
import { currentDeadline, withinDeadline } from '../shared/deadline'

/** Runs work of a tenant when one of its slots is free, first come first served. @throws RequestTookTooLong when the deadline passes first */
export type TenantSemaphore = <Result>(tenantId: string, work: () => Promise<Result>) => Promise<Result>

/**
 * A semaphore per tenant: each has the same number of slots and a queue of its own, so a tenant with many requests delays only itself.
 * @param slots how much work of one tenant runs at the same time
 */
export function createTenantSemaphore(slots: number): TenantSemaphore {
  const semaphores = new Map<string, Semaphore>()

  return (tenantId, work) => {
    const semaphore = semaphores.get(tenantId) ?? new Semaphore(slots)
    // Kept, because the deadline is no longer the current one after the request has its response.
    const deadline = currentDeadline()
    return withinDeadline(async () => {
      semaphores.set(tenantId, semaphore)
      try {
        return await semaphore.runExclusive(() => {
          deadline?.check()
          return work()
        })
      } finally {
        // By now, the next in the queue has taken the slot.
        if (semaphore.getValue() === slots) semaphores.delete(tenantId)
      }
    })
  }
}
