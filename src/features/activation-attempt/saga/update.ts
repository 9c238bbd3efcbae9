import { AttemptPhase } from '../activation-attempt.entity'
import { changeOf } from '../subscriber-mapping'
import { markSent } from './attempt-record'
import { goOn, retryOrFail, type Work } from './attempt-work'
import { FIRST_POLL_PAUSE_MS, isUpdateTaken, retryOfUpdate } from './decisions'
import { callUpstream } from './upstream-call'

export async function update(work: Work): Promise<void> {
  const { ctx, client, user } = work
  const attempt = await ctx.database.transaction(tx => markSent(tx, work.attempt, AttemptPhase.UPDATE_SENT))
  const sent = { ...work, attempt }
  const { step, error } = await callUpstream(ctx, 'update', () => client.updateSubscriber(user.webexSubscriberId ?? '', changeOf(user)))
  if (!error) return goOn(sent, AttemptPhase.FOLLOW, { step, pauseMs: FIRST_POLL_PAUSE_MS })
  await retryOrFail(sent, { step, error, ...retryOfUpdate(error) })
}

/** Webex refuses a second update while one runs, and an update whose answer was lost may be running or done. */
export async function lookBeforeUpdate(work: Work): Promise<void> {
  const { ctx, client, attempt, user } = work
  const call = await callUpstream(ctx, 'look-up', () => client.getSubscriber(user.webexSubscriberId ?? ''))
  const { step, error } = call
  if (error) return retryOrFail(work, { step, error, again: AttemptPhase.UPDATE_SENT })
  if (isUpdateTaken(work, call.answer.value)) return goOn(work, AttemptPhase.FOLLOW, { step })
  await goOn(work, AttemptPhase.UPDATE, { step, setback: attempt.setback })
}
