import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { readRows, selectRows } from '../../database/rows'
import type { Context } from '../../context/context'
import { defineLoader } from '../../context/loaders'
import { OnboardingTemplate } from './onboarding-template.entity'

/** Narrows a query (alias `row`) to the templates that the caller may see: of some customers only, those that they are on. */
export function whereTemplateVisible(ctx: Context, query: SelectQueryBuilder<OnboardingTemplate & ObjectLiteral>): void {
  query.andWhere('row.partnerId = :partnerId', { partnerId: ctx.viewer.partnerId })
  if (ctx.viewer.customerIds) {
    query.andWhere('row.id IN (SELECT "onboarding_template_id" FROM "customer" WHERE "id" IN (:...visibleCustomerIds))', {
      visibleCustomerIds: ['', ...ctx.viewer.customerIds],
    })
  }
}

export function visibleTemplates(ctx: Context, manager: EntityManager): SelectQueryBuilder<OnboardingTemplate> {
  const query = selectRows(manager, OnboardingTemplate, 'row')
  whereTemplateVisible(ctx, query)
  return query
}

export const templateById = defineLoader<string, OnboardingTemplate | null>((ctx, ids) => load(ctx, 'id', ids))

export const templateByProvisioningId = defineLoader<string, OnboardingTemplate | null>((ctx, ids) => load(ctx, 'provisioningId', ids))

async function load(ctx: Context, property: 'id' | 'provisioningId', keys: readonly string[]): Promise<(OnboardingTemplate | null)[]> {
  const query = visibleTemplates(ctx, ctx.database.reader).andWhere(`row.${property} IN (:...keys)`, { keys })
  const byKey = new Map((await readRows(query)).map(template => [template[property], template]))
  return keys.map(key => byKey.get(key) ?? null)
}
