import { setTimeout as sleep } from 'node:timers/promises'
import type { WebexClient } from '../../webex/webex-client'
import { WebexError } from '../../webex/webex-error'
import type { PrecheckInfo, SubscriberPrecheck } from '../../webex/webex-types'
import { noAnswer } from '../../provisioning/error-catalog'

/** Where Webex does not say when it may be asked again. */
const PAUSE_MS = 1000

export type PrecheckAnswer = { infos: PrecheckInfo[] } | { error: WebexError }

/**
 * Asks Webex about all of them, some at a time, and answers in their order.
 * @param timeoutMs for all of it; what has no answer by then has an error that says so
 */
export async function askPrechecks(
  client: WebexClient,
  questions: SubscriberPrecheck[],
  { timeoutMs, callsAtATime }: { timeoutMs: number; callsAtATime: number },
): Promise<PrecheckAnswer[]> {
  const ended = new AbortController()
  const deadline = performance.now() + timeoutMs
  const late: PrecheckAnswer = {
    error: new WebexError(null, '', `There was no answer within ${timeoutMs / 1000} seconds.`, [noAnswer(null)]),
  }
  const tooLate = sleep(timeoutMs, late, { signal: ended.signal }).catch(() => late)
  const answers: PrecheckAnswer[] = questions.map(() => late)
  const waiting = questions.entries()
  const askOneByOne = async (): Promise<void> => {
    for (const [index, question] of waiting) {
      if (performance.now() >= deadline) return
      answers[index] = await Promise.race([ask(client, question, deadline), tooLate])
    }
  }
  try {
    await Promise.all(Array.from({ length: callsAtATime }, askOneByOne))
  } finally {
    ended.abort()
  }
  return answers
}

/** A call that was held back, by us or by Webex, is made again when it may be, if that is soon enough. */
async function ask(client: WebexClient, question: SubscriberPrecheck, deadline: number): Promise<PrecheckAnswer> {
  for (;;) {
    try {
      return { infos: (await client.precheck(question)).value }
    } catch (error) {
      if (!(error instanceof WebexError)) throw error
      const waitMs = error.retryAfterMs ?? PAUSE_MS
      const isHeldBack = error.notSent || error.httpStatus === 429
      if (!isHeldBack || performance.now() + waitMs >= deadline) return { error }
      await sleep(waitMs)
    }
  }
}
