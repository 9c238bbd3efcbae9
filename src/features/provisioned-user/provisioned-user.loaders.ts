import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { partnerBeside, readById, readRow, readRows, selectRows } from '../../database/rows'
import type { Context } from '../../context/context'
import { defineLoader } from '../../context/loaders'
import { comparisonKey } from '../../shared/text'
import { Customer } from '../customer/customer.entity'
import { ProvisionedUser } from './provisioned-user.entity'

/** A user of any partner, tombstones too: for work that already knows whom it is about. */
export function readUser(manager: EntityManager, id: string): Promise<ProvisionedUser | null> {
  return readById(manager, ProvisionedUser, id)
}

/** The living user of a BroadWorks ID. @param broadworksIdKey see `comparisonKey` */
export function findLivingUser(manager: EntityManager, partnerId: string, broadworksIdKey: string): Promise<ProvisionedUser | null> {
  return readRow(
    selectRows(manager, ProvisionedUser, 'row').where(
      'row.partnerId = :partnerId AND row.broadworksIdKey = :broadworksIdKey AND row.deletedAt IS NULL',
      { partnerId, broadworksIdKey },
    ),
  )
}

/**
 * Narrows a query (alias `row`) to the living users that the caller may see.
 * @param narrower the query names users, customers or a template, which say more than the partner (see `partnerBeside`)
 */
export function whereVisible(ctx: Context, query: SelectQueryBuilder<ProvisionedUser & ObjectLiteral>, narrower = false): void {
  const { partnerId, customerIds } = ctx.viewer
  const partner = narrower || customerIds ? partnerBeside(ctx.database) : 'row.partnerId'
  query.andWhere(`${partner} = :partnerId AND row.deletedAt IS NULL`, { partnerId })
  if (customerIds) query.andWhere('row.customerId IN (:...visibleCustomerIds)', { visibleCustomerIds: ['', ...customerIds] })
}

/** Visible users of the partner, in a transaction or outside. */
export function visibleUsers(ctx: Context, manager: EntityManager, narrower = false): SelectQueryBuilder<ProvisionedUser> {
  const query = selectRows(manager, ProvisionedUser, 'row')
  whereVisible(ctx, query, narrower)
  return query
}

export const userById = defineLoader<string, ProvisionedUser | null>(async (ctx, ids) => {
  const users = await readRows(visibleUsers(ctx, ctx.database.reader, true).andWhere('row.id IN (:...ids)', { ids }))
  const byId = new Map(users.map(user => [user.id, user]))
  return ids.map(id => byId.get(id) ?? null)
})

/** By the ID in BroadWorks, in whatever case. */
export const userByBroadworksId = defineLoader<string, ProvisionedUser | null>(async (ctx, broadworksIds) => {
  const keys = broadworksIds.map(comparisonKey)
  const users = await readRows(visibleUsers(ctx, ctx.database.reader).andWhere('row.broadworksIdKey IN (:...keys)', { keys }))
  const byKey = new Map(users.map(user => [user.broadworksIdKey, user]))
  return keys.map(key => byKey.get(key) ?? null)
})

/** The user of a customer who was handed over first: whom the others wait for as long as nobody is live. */
export const firstUserOfCustomer = defineLoader<string, ProvisionedUser | null>(async (ctx, customerIds) => {
  const users = await readRows(
    visibleUsers(ctx, ctx.database.reader).andWhere(
      query =>
        `row.id IN ${query
          .subQuery()
          .select(
            `(${query
              .subQuery()
              .select('first.id')
              .from(ProvisionedUser, 'first')
              .where('first.customerId = customer.id AND first.deletedAt IS NULL')
              .orderBy('first.createdAt')
              .addOrderBy('first.id')
              .limit(1)
              .getQuery()})`,
          )
          .from(Customer, 'customer')
          .where('customer.id IN (:...customerIds)')
          .getQuery()}`,
      { customerIds },
    ),
  )
  const byCustomer = new Map(users.map(user => [user.customerId, user]))
  return customerIds.map(customerId => byCustomer.get(customerId) ?? null)
})
