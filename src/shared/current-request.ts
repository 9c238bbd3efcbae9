import { AsyncLocalStorage } from 'node:async_hooks'

/** By what a request is found again, here and wherever else it passed. */
export interface RequestIdentity {
  readonly requestId: string
  /** The trace of several services that the request is part of: 32 hexadecimal digits, as W3C Trace Context has it. */
  readonly traceId?: string
}

/** The request that is being answered, also where no GraphQL context exists yet; null for what was only set off by one. */
export const currentRequest = new AsyncLocalStorage<RequestIdentity | null>()
