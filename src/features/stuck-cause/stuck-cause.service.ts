import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { TookTooLong } from '../../database/database'
import { selectRows } from '../../database/rows'
import { whereInTime } from '../../database/time-limit'
import type { Context } from '../../graphql/context'
import { rowsOf } from '../../graphql/query-loaders'
import { STUCK_STATUSES, UserStatus } from '../../provisioning/lifecycle'
import { BadUserInput } from '../../shared/errors'
import { customerById } from '../customer/customer.loaders'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type { ProvisionedUserFilter } from '../provisioned-user/provisioned-user.filter'
import { firstUserOfCustomer } from '../provisioned-user/provisioned-user.loaders'
import { whereListed } from '../provisioned-user/provisioned-user.list'
import { diagnose } from '../provisioned-user/provisioning-error'
import { errorCodeOf, parseBucket, type UserBucket } from '../user-change/user-bucket'
import { bucketsOfScope, visibleScopes } from '../user-change/user-count.service'
import type { StuckCause, UserStatusCount } from './stuck-cause.types'

/** Where nothing is kept, users are counted one by one, for no longer than a person waits. */
const COUNT_TIME_LIMIT_MS = 2000
const SAMPLES = 3
const CAUSES_MAX = 100

type Filter = ProvisionedUserFilter | null | undefined

/** How many users of a filter are in each state, zeros included. @throws TookTooLong where they have to be counted one by one */
export async function countByStatus(ctx: Context, filter: Filter): Promise<UserStatusCount[]> {
  const counts = new Map(Object.values(UserStatus).map(status => [status, 0]))
  const kept = await keptCounts(ctx, filter)
  if (kept) {
    for (const [bucket, users] of kept) {
      const { status } = parseBucket(bucket)
      counts.set(status, (counts.get(status) ?? 0) + users)
    }
  } else {
    const query = counting(ctx, filter, ['row.status AS "status"', 'COUNT(*) AS "users"']).groupBy('row.status')
    for (const { status, users } of await readInTime(ctx, query)) counts.set(status as UserStatus, Number(users))
  }
  return [...counts].map(([status, count]) => ({ status, count }))
}

/** How many users a filter selects; null when it takes too long to count them. */
export async function countUsers(ctx: Context, filter: Filter): Promise<number | null> {
  try {
    return (await countByStatus(ctx, filter)).reduce((sum, { count }) => sum + count, 0)
  } catch (error) {
    if (error instanceof TookTooLong) return null
    throw error
  }
}

/** Why users of a filter are stuck, the cause of most first. @throws BadUserInput for `first`; TookTooLong */
export async function listCauses(ctx: Context, filter: Filter, first: number): Promise<StuckCause[]> {
  if (first < 0 || first > CAUSES_MAX) throw new BadUserInput('first', `\`first\` must be from 0 to ${CAUSES_MAX}; it is ${first}.`)
  const counts = [...((await keptCounts(ctx, filter)) ?? (await countCauses(ctx, filter)))]
    .filter(([key, users]) => users > 0 && STUCK_STATUSES.includes(parseBucket(key).status))
    .sort(([oneKey, one], [otherKey, other]) => other - one || (oneKey < otherKey ? -1 : 1))
    .slice(0, first)
  const causes = await Promise.all(counts.map(([key, count]) => describe(ctx, filter, key, count)))
  return causes.filter(cause => cause !== null)
}

async function describe(ctx: Context, filter: Filter, key: string, count: number): Promise<StuckCause | null> {
  const [samples, [oldest]] = await Promise.all([readSome(ctx, filter, key, 'DESC', SAMPLES), readSome(ctx, filter, key, 'ASC', 1)])
  const [newest] = samples
  // They all moved on since they were counted.
  if (!oldest || !newest) return null
  const { onboardingTemplateId, status, packageType, ...bucket } = parseBucket(key)
  const diagnosis = diagnose(newest, ctx.locale, () => ctx.load(firstUserOfCustomer, newest.customerId))
  if (!diagnosis) return null
  return {
    key,
    code: errorCodeOf({ onboardingTemplateId, status, packageType, ...bucket }),
    status,
    packageType,
    onboardingTemplateId,
    message: diagnosis.cause,
    fixer: diagnosis.fixer,
    count,
    oldest: oldest.lastStatusChange,
    newest: newest.lastStatusChange,
    samples,
  }
}

function readSome(ctx: Context, filter: Filter, causeKey: string, direction: 'ASC' | 'DESC', limit: number): Promise<ProvisionedUser[]> {
  const query = selectRows(ctx.database.reader, ProvisionedUser, 'row')
  whereListed(ctx, query, { ...filter, causeKey })
  query.orderBy('row.lastStatusChange', direction).addOrderBy('row.id', direction).limit(limit)
  return ctx.load(rowsOf, { query, aside: true }) as Promise<ProvisionedUser[]>
}

async function countCauses(ctx: Context, filter: Filter): Promise<Map<string, number>> {
  const query = counting(ctx, filter, ['row.causeKey AS "key"', 'COUNT(*) AS "users"'])
    .andWhere('row.causeKey IS NOT NULL AND row.unfinished = true')
    .groupBy('row.causeKey')
  return new Map((await readInTime(ctx, query)).map(({ key, users }) => [String(key), Number(users)]))
}

/** The kept counts of a filter that says no more than they do; null for one that does. */
async function keptCounts(ctx: Context, filter: Filter): Promise<Map<string, number> | null> {
  const { customerIds, onboardingTemplateIds, statuses, packageTypes, causeKey, excludeProvisioned, ...others } = filter ?? {}
  // Even what is answered from the counts is refused where a list would refuse it.
  whereListed(ctx, selectRows(ctx.database.reader, ProvisionedUser, 'row'), filter)
  if (Object.values(others).some(value => value != null)) return null
  const isCounted = ({ onboardingTemplateId, status, packageType }: UserBucket, bucket: string) =>
    (onboardingTemplateIds?.includes(onboardingTemplateId) ?? true) &&
    (statuses?.includes(status) ?? true) &&
    (packageTypes?.includes(packageType) ?? true) &&
    (causeKey == null || (bucket === causeKey && STUCK_STATUSES.includes(status))) &&
    !(excludeProvisioned && status === UserStatus.PROVISIONED)
  const counts = new Map<string, number>()
  for (const scope of await Promise.all((await scopesOf(ctx, customerIds)).map(id => ctx.load(bucketsOfScope, id)))) {
    for (const [bucket, users] of scope) {
      if (isCounted(parseBucket(bucket), bucket)) counts.set(bucket, (counts.get(bucket) ?? 0) + users)
    }
  }
  return counts
}

/** Those of the named customers whom the caller may see, or all that the caller may see. */
async function scopesOf(ctx: Context, customerIds: string[] | null | undefined): Promise<readonly string[]> {
  if (customerIds == null) return visibleScopes(ctx)
  const customers = await Promise.all([...new Set(customerIds)].map(id => ctx.load(customerById, id)))
  return customers.flatMap(customer => customer?.id ?? [])
}

function counting(ctx: Context, filter: Filter, columns: string[]): SelectQueryBuilder<ProvisionedUser & ObjectLiteral> {
  const query = selectRows(ctx.database.reader, ProvisionedUser, 'row').select(columns)
  whereListed(ctx, query, filter)
  whereInTime(ctx.database, query)
  return query
}

function readInTime({ database }: Context, query: SelectQueryBuilder<ProvisionedUser & ObjectLiteral>): Promise<Record<string, unknown>[]> {
  return database.readAside(...query.getQueryAndParameters(), COUNT_TIME_LIMIT_MS)
}
