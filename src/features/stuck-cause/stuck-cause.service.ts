import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { selectRows } from '../../database/rows'
import { whereInTime } from '../../database/time-limit'
import type { Context } from '../../context/context'
import { rowsOf } from '../../graphql/query-loaders'
import { STUCK_STATUSES, UserStatus } from '../../provisioning/lifecycle'
import { BadUserInput, TookTooLong } from '../../shared/errors'
import { customerById } from '../customer/customer.loaders'
import { ProvisionedUser } from '../provisioned-user/provisioned-user.entity'
import type { ProvisionedUserFilter } from '../provisioned-user/provisioned-user.filter'
import { firstUserOfCustomer, userById } from '../provisioned-user/provisioned-user.loaders'
import { whereListed } from '../provisioned-user/provisioned-user.list'
import { diagnose } from '../provisioned-user/provisioning-error'
import { errorCodeOf, parseBucket, type UserBucket } from '../change-log/user-bucket'
import { bucketsOfScope, visibleScopes } from '../user-change/user-count.service'
import type { StuckCause, UserStatusCount } from './stuck-cause.types'

/** Where nothing is kept, users are counted one by one, for no longer than a person waits. */
const COUNT_TIME_LIMIT_MS = 2000
const SAMPLES = 3
const CAUSES_MAX = 100

type Filter = ProvisionedUserFilter | null | undefined

/** How many users of a filter are in each state, zeros included. @throws TookTooLong where they have to be counted one by one */
export async function countByStatus(ctx: Context, filter: Filter): Promise<UserStatusCount[]> {
  refuseUnanswerable(ctx, filter)
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

/** Why users of a filter are stuck, the cause of most first. @throws BadUserInput for `first` or the filter; TookTooLong */
export async function listCauses(ctx: Context, filter: Filter, first: number): Promise<StuckCause[]> {
  if (first < 0 || first > CAUSES_MAX) throw new BadUserInput('first', `\`first\` must be from 0 to ${CAUSES_MAX}; it is ${first}.`)
  refuseUnanswerable(ctx, filter)
  if (first === 0) return []
  const kept = await keptCounts(ctx, filter)
  const causes = kept
    ? await Promise.all(mostUsersFirst(keptCauses(kept), first).map(cause => lookUp(ctx, filter, cause)))
    : await Promise.all(mostUsersFirst(await countCauses(ctx, filter), first).map(cause => withSamples(ctx, cause)))
  return (await Promise.all(causes.map(cause => describe(ctx, cause)))).filter(cause => cause !== null)
}

interface CountedCause {
  key: string
  count: number
}

type SampledCause = Pick<StuckCause, 'key' | 'count' | 'oldest' | 'newest' | 'samples'>

function mostUsersFirst<Cause extends CountedCause>(causes: Cause[], first: number): Cause[] {
  return causes.sort((one, other) => other.count - one.count || (one.key < other.key ? -1 : 1)).slice(0, first)
}

function keptCauses(kept: Map<string, number>): CountedCause[] {
  return [...kept]
    .filter(([key, users]) => users > 0 && STUCK_STATUSES.includes(parseBucket(key).status))
    .map(([key, count]) => ({ key, count }))
}

/** What the counts do not say of a cause: an index has its users in order. Null when they all moved on since they were counted. */
async function lookUp(ctx: Context, filter: Filter, cause: CountedCause): Promise<SampledCause | null> {
  const { key } = cause
  const [samples, [oldest]] = await Promise.all([readSome(ctx, filter, key, 'DESC', SAMPLES), readSome(ctx, filter, key, 'ASC', 1)])
  const [newest] = samples
  return oldest && newest ? { ...cause, oldest: oldest.lastStatusChange, newest: newest.lastStatusChange, samples } : null
}

function readSome(ctx: Context, filter: Filter, causeKey: string, direction: 'ASC' | 'DESC', limit: number): Promise<ProvisionedUser[]> {
  const query = selectRows(ctx.database.reader, ProvisionedUser, 'row')
  whereInTime(ctx.database, query)
  whereListed(ctx, query, { ...filter, causeKey })
  query.orderBy('row.lastStatusChange', direction).addOrderBy('row.id', direction).limit(limit)
  return ctx.load(rowsOf, { query, inBackground: true }) as Promise<ProvisionedUser[]>
}

interface RankedCause extends CountedCause {
  oldest: string
  newest: string
  sampleIds: string[]
}

/** All that is to be known of the causes of a filter, in one statement: what it may take at most is what the whole field may take. */
async function countCauses(ctx: Context, filter: Filter): Promise<RankedCause[]> {
  const ofCause = 'OVER (PARTITION BY row.causeKey'
  const ranked = counting(ctx, filter, [
    'row.causeKey AS "key"',
    'row.id AS "id"',
    'row.lastStatusChange AS "since"',
    `COUNT(*) ${ofCause}) AS "users"`,
    `MIN(row.lastStatusChange) ${ofCause}) AS "oldest"`,
    `ROW_NUMBER() ${ofCause} ORDER BY row.lastStatusChange DESC, row.id DESC) AS "place"`,
  ]).andWhere('row.causeKey IS NOT NULL AND row.unfinished = true')
  const samples = ctx.database.reader
    .createQueryBuilder()
    .select('*')
    .from<ObjectLiteral>(`(${ranked.getQuery()})`, 'ranked')
    .orderBy('"place"')
  whereInTime(ctx.database, samples)
  samples.andWhere('"place" <= :samples', { ...ranked.getParameters(), samples: SAMPLES })
  const causes = new Map<string, RankedCause>()
  for (const row of await readInTime(ctx, samples)) {
    const [key, id, since, oldest] = ['key', 'id', 'since', 'oldest'].map(column => String(row[column])) as [string, string, string, string]
    const cause = causes.get(key)
    if (cause) cause.sampleIds.push(id)
    else causes.set(key, { key, count: Number(row['users']), oldest, newest: since, sampleIds: [id] })
  }
  return [...causes.values()]
}

async function withSamples(ctx: Context, { sampleIds, ...cause }: RankedCause): Promise<SampledCause> {
  const users = await Promise.all(sampleIds.map(id => ctx.load(userById, id)))
  // Who moved on since the count is no sample of it any more.
  return { ...cause, samples: users.filter(user => user !== null).filter(({ causeKey }) => causeKey === cause.key) }
}

/** Null when nobody is left whose diagnosis could be told. */
async function describe(ctx: Context, cause: SampledCause | null): Promise<StuckCause | null> {
  const sample = cause?.samples[0]
  const diagnosis = sample && diagnose(sample, ctx.locale, () => ctx.load(firstUserOfCustomer, sample.customerId))
  if (!cause || !diagnosis) return null
  const bucket = parseBucket(cause.key)
  const { onboardingTemplateId, status, packageType } = bucket
  return {
    ...cause,
    code: errorCodeOf(bucket),
    status,
    packageType,
    onboardingTemplateId,
    message: diagnosis.cause,
    fixer: diagnosis.fixer,
  }
}

/** Even what is answered from the counts, or is nothing anyway, is refused where a list would refuse it. */
function refuseUnanswerable(ctx: Context, filter: Filter): void {
  whereListed(ctx, selectRows(ctx.database.reader, ProvisionedUser, 'row'), filter)
}

/** The kept counts of a filter that says no more than they do; null for one that does. */
async function keptCounts(ctx: Context, filter: Filter): Promise<Map<string, number> | null> {
  const { customerIds, onboardingTemplateIds, statuses, packageTypes, causeKey, excludeProvisioned, ...others } = filter ?? {}
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
  whereInTime(ctx.database, query)
  whereListed(ctx, query, filter)
  return query
}

function readInTime({ database, viewer }: Context, query: SelectQueryBuilder<ObjectLiteral>): Promise<Record<string, unknown>[]> {
  return database.backgroundRead(...query.getQueryAndParameters(), { partnerId: viewer.partnerId, timeLimitMs: COUNT_TIME_LIMIT_MS })
}
