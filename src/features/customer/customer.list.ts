import { whereContains } from '../../database/search'
import { checkSearch, whereIn } from '../../graphql/arguments'
import type { Connection } from '../../graphql/connection'
import type { Context } from '../../context/context'
import { OrderDirection } from '../../graphql/order'
import { paginate, SEARCH_COUNT_MAX } from '../../graphql/paginate'
import { STUCK_STATUSES } from '../../provisioning/lifecycle'
import { Customer } from './customer.entity'
import { CustomerOrderField, type CustomersArgs } from './customer.inputs'
import { whereCustomerVisible } from './customer.loaders'

/** A page of the customers that the caller may see, of all or of one template. */
export async function listCustomers(
  ctx: Context,
  { filter, orderBy, ...page }: CustomersArgs,
  onboardingTemplateId?: string,
): Promise<Connection<Customer>> {
  const order = orderBy ?? { field: CustomerOrderField.CREATED_AT, direction: OrderDirection.DESC }
  if (filter?.search != null) checkSearch('search', filter.search)
  return paginate<Customer>(
    ctx,
    {
      entity: Customer,
      order: { ...order, property: order.field === CustomerOrderField.NAME ? 'nameKey' : 'createdAt' },
      mayTakeLong: filter != null,
      ...(filter?.search != null ? { countMax: SEARCH_COUNT_MAX } : {}),
      where(query) {
        whereCustomerVisible(ctx, query)
        if (onboardingTemplateId) query.andWhere('row.onboardingTemplateId = :onboardingTemplateId', { onboardingTemplateId })
        whereIn(query, 'onboardingTemplateId', filter?.onboardingTemplateIds, 'onboardingTemplateIds')
        if (filter?.hasStuckUsers != null) query.andWhere(`${filter.hasStuckUsers ? '' : 'NOT '}EXISTS (${STUCK_USERS})`)
        if (filter?.search != null) whereContains(ctx.database, query, 'customer', filter.search)
      },
    },
    page,
  )
}

const STUCK_USERS = `SELECT 1 FROM "provisioned_user" "stuck"
  WHERE "stuck"."customer_id" = row.id AND "stuck"."unfinished" = true
  AND "stuck"."status" IN (${STUCK_STATUSES.map(status => `'${status}'`).join(', ')})`
