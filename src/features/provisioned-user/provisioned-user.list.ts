import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { whereContains } from '../../database/search'
import { checkSearch, whereIn, whereWithin } from '../../graphql/arguments'
import type { Connection } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { OrderDirection } from '../../graphql/order'
import { paginate, SEARCH_COUNT_MAX } from '../../graphql/paginate'
import { causesFixedBy, Fixer } from '../../provisioning/error-catalog'
import { UserStatus } from '../../provisioning/lifecycle'
import { ProvisionedUser } from './provisioned-user.entity'
import { type ProvisionedUserFilter, type ProvisionedUserOrder, ProvisionedUserOrderField } from './provisioned-user.filter'
import type { ProvisionedUsersArgs } from './provisioned-user.inputs'
import { whereVisible } from './provisioned-user.loaders'

type Query = SelectQueryBuilder<ProvisionedUser & ObjectLiteral>

const SORTED_BY: Record<ProvisionedUserOrderField, keyof ProvisionedUser> = {
  [ProvisionedUserOrderField.CREATED_AT]: 'createdAt',
  [ProvisionedUserOrderField.LAST_STATUS_CHANGE]: 'lastStatusChange',
  [ProvisionedUserOrderField.BROADWORKS_ID]: 'broadworksIdKey',
  [ProvisionedUserOrderField.LAST_NAME]: 'lastNameKey',
}

const NEWEST_FIRST: ProvisionedUserOrder = { field: ProvisionedUserOrderField.CREATED_AT, direction: OrderDirection.DESC }

/** A page of the users that the caller may see, of all or of one customer or template. */
export async function listUsers(
  ctx: Context,
  { filter, orderBy, ...page }: ProvisionedUsersArgs,
  parent: Partial<Pick<ProvisionedUser, 'customerId' | 'onboardingTemplateId'>> = {},
): Promise<Connection<ProvisionedUser>> {
  const order = orderBy ?? NEWEST_FIRST
  return paginate<ProvisionedUser>(
    ctx,
    {
      entity: ProvisionedUser,
      order: { field: order.field, property: SORTED_BY[order.field], direction: order.direction },
      // Without a filter every order has its index; a customer's users are few, and sorted.
      mayTakeLong: filter != null || parent.customerId !== undefined || ctx.viewer.customerIds !== null,
      ...(filter?.search != null ? { countMax: SEARCH_COUNT_MAX } : {}),
      where: query => whereListed(ctx, query, filter, parent),
    },
    page,
  )
}

/** Narrows a query (alias `row`) to the users whom a list with this filter shows. @throws BadUserInput for a filter that nobody could answer */
export function whereListed(
  ctx: Context,
  query: Query,
  filter: ProvisionedUserFilter | null | undefined,
  parent: Partial<Pick<ProvisionedUser, 'customerId' | 'onboardingTemplateId'>> = {},
): void {
  // A cause says more than its template, and has an index that begins with the partner.
  const ofTemplate = filter?.causeKey == null && (parent.onboardingTemplateId !== undefined || filter?.onboardingTemplateIds?.length === 1)
  const narrower = ofTemplate || parent.customerId !== undefined || filter?.customerIds != null
  whereVisible(ctx, query, narrower)
  for (const [property, id] of Object.entries(parent)) query.andWhere(`row.${property} = :parentId`, { parentId: id })
  if (filter) whereMatches(ctx, query, filter)
}

/** Puts the rows of a query (alias `row`) in the order in which a list shows them. */
export function sortListed(query: Query, orderBy: ProvisionedUserOrder | null | undefined): void {
  const { field, direction } = orderBy ?? NEWEST_FIRST
  query.orderBy(`row.${SORTED_BY[field]}`, direction).addOrderBy('row.id', direction)
}

function whereMatches(ctx: Context, query: Query, filter: ProvisionedUserFilter): void {
  if (filter.search != null) checkSearch('search', filter.search)
  // Said also where it follows from something else: there are small indexes of the users who are not live.
  const unfinished =
    filter.excludeProvisioned || filter.fixer != null || (filter.statuses && !filter.statuses.includes(UserStatus.PROVISIONED))
  if (unfinished) query.andWhere('row.unfinished = true')
  whereIn(query, 'status', filter.statuses, 'statuses')
  whereIn(query, 'packageType', filter.packageTypes, 'packageTypes')
  whereIn(query, 'customerId', filter.customerIds, 'customerIds')
  whereIn(query, 'onboardingTemplateId', filter.onboardingTemplateIds, 'onboardingTemplateIds')
  // Said in the index's own words, so that either database uses it.
  if (filter.errorCodes != null) query.andWhere('row.errorCode IS NOT NULL')
  whereIn(query, 'errorCode', filter.errorCodes, 'errorCodes')
  if (filter.fixer != null) whereFixedBy(query, filter.fixer)
  whereIn(query, 'causeKey', filter.causeKey == null ? null : [filter.causeKey], 'causeKey')
  if (filter.selfActivated != null) query.andWhere('row.selfActivated = :selfActivated', { selfActivated: filter.selfActivated })
  if (filter.search != null) whereContains(ctx.database, query, 'provisioned_user', filter.search)
  whereWithin(query, 'lastStatusChange', filter.lastStatusChange)
  whereWithin(query, 'createdAt', filter.createdAt)
}

const WAITS_FOR_FIRST_USER = `row.status = '${UserStatus.PENDING_EMAIL_VALIDATION}' AND row.emailConfirmedAt IS NOT NULL`

/** The catalogue's answer to "who has to act", turned round: the states and errors for which it is this one. */
function whereFixedBy(query: Query, fixer: Fixer): void {
  const causes = causesFixedBy(fixer)
  const errors = anyOf(
    'row.errorCode IN (:...fixedCodes)',
    'row.errorCode IS NULL AND row.errorHttpStatus IN (:...fixedHttpStatuses)',
    causes.includesNetwork && 'row.unanswered = :unanswered',
    causes.includesUnknown &&
      'row.errorCode NOT IN (:...allCodes) OR (row.errorCode IS NULL AND row.errorHttpStatus NOT IN (:...allHttpStatuses))' +
        ' OR (row.errorCode IS NULL AND row.errorHttpStatus IS NULL AND row.unanswered = :answered)',
  )
  query.andWhere(
    anyOf(
      `row.status IN (:...fixedStatuses) AND row.parkedAttemptId IS NULL AND NOT (${WAITS_FOR_FIRST_USER})`,
      causes.includesWaitingForFirstUser && WAITS_FOR_FIRST_USER,
      causes.includesPaused && 'row.parkedAttemptId IS NOT NULL',
      `row.status = '${UserStatus.ERROR}' AND row.nextAttemptAt IS NULL AND ${errors}`,
      causes.includesPlanned && `row.status = '${UserStatus.ERROR}' AND row.nextAttemptAt IS NOT NULL`,
    ),
    {
      fixedStatuses: ['', ...causes.statuses],
      fixedCodes: [-1, ...causes.codes],
      fixedHttpStatuses: [-1, ...causes.httpStatuses],
      ...(causes.includesNetwork ? { unanswered: true } : {}),
      ...(causes.includesUnknown ? { allCodes: everyCause('codes'), allHttpStatuses: everyCause('httpStatuses'), answered: false } : {}),
    },
  )
}

function anyOf(...conditions: (string | false)[]): string {
  return `(${conditions
    .filter(condition => condition !== false)
    .map(condition => `(${condition})`)
    .join(' OR ')})`
}

function everyCause(kind: 'codes' | 'httpStatuses'): number[] {
  return Object.values(Fixer).flatMap(fixer => causesFixedBy(fixer)[kind])
}
