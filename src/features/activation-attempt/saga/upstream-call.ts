import type { Acting } from '../../../context/context'
import type { Answer } from '../../../webex/webex-client'
import { WebexError } from '../../../webex/webex-error'
import { timestamp } from '../../../shared/clock'
import type { StepRecord } from './attempt-record'
import type { AttemptStepName } from '../attempt-step'

export type Call<Value> = { step: StepRecord; error: null; answer: Answer<Value> } | { step: StepRecord; error: WebexError }

/** Makes one call to Webex and keeps what goes on record of it, also when Webex refuses it or does not answer. */
export async function callUpstream<Value>(ctx: Acting, name: AttemptStepName, call: () => Promise<Answer<Value>>): Promise<Call<Value>> {
  const startedAt = timestamp(ctx.clock.now())
  try {
    const answer = await call()
    const { httpStatus, trackingId } = answer
    return { answer, error: null, step: { name, startedAt, httpStatus, trackingId, message: 'Done.' } }
  } catch (error) {
    if (!(error instanceof WebexError)) throw error
    const { httpStatus, trackingId, message } = error
    return { error, step: { name, startedAt, httpStatus, trackingId: trackingId || null, message } }
  }
}
