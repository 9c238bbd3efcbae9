import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { readOrganisation } from '../organisation'
import { onlyThese } from '../request-body'

/** An hour: whatever takes longer is not a fault to test but a server to switch off. */
const LONGEST_SECONDS = 3600
const HIGHEST_SEED = 2 ** 31 - 1
/** More would be a mistake, and each of them is looked at in every call. */
const MOST_RULES = 100
const METHODS = ['GET', 'POST', 'PUT', 'DELETE']

/** Which calls a rule is for, and which of those it hits. */
const CHOICE = {
  share: within(0, 1).default(1),
  times: whole(1, 1_000_000_000).optional(),
  methods: z
    .array(oneOf(METHODS), `must be a list of some of ${METHODS.join(', ')}`)
    .min(1, 'must name a method')
    .optional(),
  path: text(500).optional(),
  organisation: text(1000).transform(readOrganisation).optional(),
  seed: whole(0, HIGHEST_SEED).default(() => randomInt(HIGHEST_SEED)),
}

const retryAfter = whole(0, LONGEST_SECONDS).nullable()
const refusal = { httpStatus: whole(400, 599).optional(), retryAfterSeconds: retryAfter.default(null) }
const delayMs = whole(0, LONGEST_SECONDS * 1000)

const KINDS = [
  kind('throttle', { retryAfterSeconds: retryAfter.default(1) }),
  kind('lock', { retryAfterSeconds: retryAfter.default(1) }),
  kind('fail', refusal),
  kind('fail-after', refusal),
  kind('hang', { delayMs: delayMs.default(60_000) }),
  kind('drop-before', {}),
  kind('drop-after', {}),
  kind('twice', {}),
  kind('late-answer', { delayMs: delayMs.default(5000) }),
  kind('late-work', { delayMs: delayMs.default(5000) }),
  kind('retype', {}),
  kind('background', { errorCode: whole(1, HIGHEST_SEED) }),
] as const
const faultRule = z.discriminatedUnion('kind', KINDS, `must be one of ${KINDS.map(({ shape }) => shape.kind.value).join(', ')}`)

export const faultRules = z.array(faultRule, 'must be a list of rules').max(MOST_RULES, `must have at most ${MOST_RULES} rules`)

export type FaultRule = z.output<typeof faultRule>
/** What happens to a call itself; the other kind, `background`, happens to the work that an accepted call leaves behind. */
export type CallFault = Exclude<FaultRule, { kind: 'background' }>
export type BackgroundFault = Extract<FaultRule, { kind: 'background' }>

function kind<Name extends string, Options extends z.ZodRawShape>(name: Name, options: Options) {
  const shape = { kind: z.literal(name), ...CHOICE, ...options }
  return z.strictObject(shape, { error: onlyThese(Object.keys(shape)) })
}

function within(lowest: number, highest: number) {
  const message = `must be a number from ${lowest} to ${highest}`
  return z.number(message).min(lowest, message).max(highest, message)
}

function whole(lowest: number, highest: number) {
  const message = `must be a whole number from ${lowest} to ${highest}`
  return z.int(message).min(lowest, message).max(highest, message)
}

function text(longest: number) {
  const message = `must be a text of 1 to ${longest} characters`
  return z.string(message).min(1, message).max(longest, message)
}

function oneOf(values: string[]) {
  return z.enum(values, `must be one of ${values.join(', ')}`)
}
