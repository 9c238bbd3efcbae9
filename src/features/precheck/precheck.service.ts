import { withinDeadline } from '../../shared/deadline'
import type { Context } from '../../context/context'
import type { PrecheckInfo } from '../../webex/webex-types'
import { type Complaint, Refusal, refuse, UserErrorCode } from '../../shared/errors'
import type { PrecheckItem } from './precheck.inputs'
import { askPrechecks, type PrecheckAnswer } from './precheck-calls'
import { examine, twins } from './precheck-rules'

const USERS_MAX = 100
/** A browser, and whoever stands behind it, waits no longer for one answer. */
const TIMEOUT_MS = 20_000
/** Half of the calls that a partner has by default: activations go on meanwhile. */
const CALLS_AT_A_TIME = 4

/** Info code of a precheck that passed without a remark. Source: Cisco's OpenAPI, example of the answer. */
const PASSED = 100

/** A known issue of Cisco's: its precheck does not look at consumer accounts. */
const BLIND_SPOT =
  "Webex's precheck does not see free and consumer accounts: if the address belongs to one, the user waits in PENDING_USER_MIGRATION until its owner consents."

/** What was found about one item; `refusal` is null when nothing speaks against it. */
export interface Finding {
  infoCode: number | null
  message: string
  warnings: string[]
  refusal: Refusal | null
}

/** Looks at each item by itself and changes nothing. @throws Refusal about the request as a whole */
export async function precheckUsers(ctx: Context, items: PrecheckItem[]): Promise<Finding[]> {
  if (items.length > USERS_MAX) {
    throw refuse(UserErrorCode.LIMIT_EXCEEDED, ['users'], `${USERS_MAX} users at most in one request; there are ${items.length}.`)
  }
  if (items.length === 0) throw refuse(UserErrorCode.REQUIRED, ['users'], 'Name at least one user.')
  const doubled = twins(items)
  const examined = await Promise.all(items.map((item, index) => examine(ctx, item, ['users', String(index)], doubled[index] ?? null)))
  const asked = examined.flatMap(({ question }) => question ?? [])
  const client = await ctx.webex.of(ctx.viewer.partnerId)
  const limits = { timeoutMs: TIMEOUT_MS, callsAtATime: CALLS_AT_A_TIME }
  const answered = await withinDeadline(() => askPrechecks(client, asked, limits))
  const answers = new Map(answered.map((answer, index) => [asked[index], answer]))
  return examined.map(({ question, complaints, remark }, index) =>
    findingOf(complaints, question ? answers.get(question) : undefined, remark, ['users', String(index)]),
  )
}

function findingOf(complaints: Complaint[], answer: PrecheckAnswer | undefined, remark: string | null, path: string[]): Finding {
  const infos = answer && 'infos' in answer ? answer.infos : []
  const all = [...complaints, ...(answer && 'error' in answer ? complaintsOf(answer, path) : [])]
  // A success with another code is a hint and no failure.
  const hints = infos.filter(({ code }) => code !== PASSED)
  return {
    infoCode: (hints.find(({ code }) => code !== null) ?? infos[0])?.code ?? null,
    message: all.length > 0 ? all.map(({ message }) => message).join(' ') : 'Nothing speaks against it.',
    warnings: [...hints.map(wordsOf), ...(remark ? [remark] : []), BLIND_SPOT],
    refusal: all.length > 0 ? new Refusal(all) : null,
  }
}

/** Those that speak of the user; any other status says that the question itself was not answered. */
const REFUSED = [400, 409]

function complaintsOf({ error }: Extract<PrecheckAnswer, { error: unknown }>, field: string[]): Complaint[] {
  const tracking = error.trackingId ? ` (tracking ID ${error.trackingId})` : ''
  if (!REFUSED.includes(error.httpStatus ?? 0)) {
    return [{ code: UserErrorCode.UPSTREAM_REFUSED, field, message: `Webex could not be asked: ${error.message}${tracking}` }]
  }
  return error.errors.map(({ code, upstreamText }) => ({
    code: UserErrorCode.UPSTREAM_REFUSED,
    field,
    message: `Webex would refuse the user: ${[code, upstreamText ?? error.message].filter(part => part !== null).join(' ')}${tracking}`,
    ...(code === null ? {} : { catalogCode: code }),
  }))
}

function wordsOf({ code, description }: PrecheckInfo): string {
  return `Webex remarks: ${[code, description].filter(part => part !== null).join(' ')}`
}
