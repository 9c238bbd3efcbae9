import { selectRows } from '../../database/rows'
import { whereInTime } from '../../database/time-limit'
import type { Context } from '../../context/context'
import { Checks } from '../../shared/checks'
import { BadUserInput, refuse, UserErrorCode } from '../../shared/errors'
import { typeOfId } from '../../shared/ids'
import { comparisonKey } from '../../shared/text'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type { ProvisionedUserFilter } from '../provisioned-user/provisioned-user.filter'
import { whereListed } from '../provisioned-user/provisioned-user.list'
import { visibleUsers } from '../provisioned-user/provisioned-user.loaders'
import type { BulkItem } from './bulk-chunk.entity'

/** The three ways of saying who is meant, of which a caller has to use exactly one. */
export interface BulkSelector {
  filter?: ProvisionedUserFilter | null
  userIds?: string[] | null
  items?: { userId: string; email: string }[] | null
}

/** As many as a request may name one by one. */
const NAMED_MAX = 1000

/**
 * Whom a bulk operation is about from now on, oldest first.
 * @param selectors the ways that the mutation knows
 * @throws BadUserInput unless exactly one way is used; Refusal LIMIT_EXCEEDED, REQUIRED, or for an address that is none
 */
export async function selectUsers(ctx: Context, given: BulkSelector, selectors: (keyof BulkSelector)[]): Promise<BulkItem[]> {
  const used = selectors.filter(name => given[name] != null)
  if (used.length !== 1) {
    const names = selectors.map(name => `\`${name}\``).join(', ')
    const number = used.length === 0 ? 'none is' : `${used.length} are`
    throw new BadUserInput(used[1] ?? selectors[0] ?? '', `Give exactly one of ${names}; ${number} given.`)
  }
  if (given.filter) return selectByFilter(ctx, given.filter)
  if (given.items) return selectItems(ctx, given.items)
  const userIds = given.userIds ?? []
  refuseNumber('userIds', userIds.length)
  return selectKnown(
    ctx,
    userIds.map((userId, index) => ({ userId, place: ['userIds', String(index)] })),
  )
}

/** Whether a filter says nothing at all, and so means everybody. */
export function isEmptyFilter(filter: ProvisionedUserFilter): boolean {
  const { excludeProvisioned, ...others } = filter
  return !excludeProvisioned && Object.values(others).every(condition => condition == null || isEmptyRange(condition))
}

function isEmptyRange(condition: unknown): boolean {
  return typeof condition === 'object' && !Array.isArray(condition) && Object.values(condition ?? {}).every(bound => bound == null)
}

async function selectByFilter(ctx: Context, filter: ProvisionedUserFilter): Promise<BulkItem[]> {
  const query = selectRows(ctx.database.reader, ProvisionedUser, 'row').select('row.id', 'userId')
  whereInTime(ctx.database, query)
  whereListed(ctx, query, filter)
  query.orderBy('row.createdAt').addOrderBy('row.id')
  return (await ctx.database.backgroundRead(...query.getQueryAndParameters(), { partnerId: ctx.viewer.partnerId })) as unknown as BulkItem[]
}

async function selectItems(ctx: Context, items: { userId: string; email: string }[]): Promise<BulkItem[]> {
  refuseNumber('items', items.length)
  const checks = new Checks()
  const checked = items.map(({ userId, email }, index) => ({ userId, email: checks.email(['items', String(index), 'email'], email) }))
  refuseTwins(checks, checked, 'userId', userId => userId)
  refuseTwins(checks, checked, 'email', comparisonKey)
  checks.throwIfAny()
  return selectKnown(
    ctx,
    checked.map((item, index) => ({ ...item, place: ['items', String(index), 'userId'] })),
  )
}

/** Of two items with one user or one address only the first could be carried out. */
function refuseTwins<Name extends string>(
  checks: Checks,
  items: Record<Name, string>[],
  name: Name,
  keyOf: (text: string) => string,
): void {
  const firstOf = new Map<string, number>()
  items.forEach((item, index) => {
    const key = keyOf(item[name])
    const first = firstOf.get(key)
    if (first === undefined) firstOf.set(key, index)
    else if (key !== '')
      checks.complain(UserErrorCode.INVALID, ['items', String(index), name], `Item ${first} has the same \`${name}\` already.`)
  })
}

/** Each user once, in the order given; whom the caller may not see is marked, and nothing will be done to. */
async function selectKnown(ctx: Context, named: (BulkItem & { place: string[] })[]): Promise<BulkItem[]> {
  const items = [...new Map(named.map(item => [item.userId, item])).values()]
  const query = visibleUsers(ctx, ctx.database.reader, true).select('row.id', 'id')
  // A NUL is in no ID of ours, and PostgreSQL refuses it in a parameter.
  const ids = ['', ...items.map(({ userId }) => userId).filter(id => !id.includes('\0'))]
  query.andWhere('row.id IN (:...ids)', { ids })
  const known = new Set((await query.getRawMany<{ id: string }>()).map(({ id }) => id))
  return items.map(({ place, ...item }) =>
    known.has(item.userId) ? item : { userId: typeOfId(item.userId) === null ? NO_ID : item.userId, unknown: place },
  )
}

/** What is no ID of ours may be a name or an address, pasted by mistake: it is not kept. */
const NO_ID = 'no ID'

function refuseNumber(field: string, number: number): void {
  if (number === 0) throw refuse(UserErrorCode.REQUIRED, [field], 'Name at least one user.')
  if (number > NAMED_MAX) {
    throw refuse(
      UserErrorCode.LIMIT_EXCEEDED,
      [field],
      `${NAMED_MAX} users at most in one request; there are ${number}. Select more with \`filter\`.`,
    )
  }
}
