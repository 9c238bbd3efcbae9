import type { Transaction } from '../../../database/database'
import { readRows, selectRows } from '../../../database/rows'
import type { Acting } from '../../../context/context'
import type { Enterprise } from '../../../webex/webex-types'
import { Customer } from '../../customer/customer.entity'
import { insertCustomer, keepOrganization } from '../../customer/customer.service'
import { enqueue } from '../../../queue/define-job'
import { lookUpOrganizationJob } from '../../customer/customer.jobs'
import { insertImportedTemplate } from '../../onboarding-template/imported-template'
import { OnboardingTemplate } from '../../onboarding-template/onboarding-template.entity'
import { fits } from './subscriber-fields'

/** Customers and templates by what Webex calls them; those that are not known are made. */
export interface CustomersAtWebex {
  template(provisioningId: string): Promise<OnboardingTemplate>
  customer(spEnterpriseId: string, provisioningId: string, webexOrgId?: string | null): Promise<Customer>
}

/** Reads those of a page in two statements. */
export async function readCustomers(
  ctx: Acting,
  tx: Transaction,
  named: { spEnterpriseId: string; provisioningId: string }[],
): Promise<CustomersAtWebex> {
  const { partnerId } = ctx.actor
  const provisioningIds = ['', ...new Set(named.map(({ provisioningId }) => provisioningId))]
  const spEnterpriseIds = ['', ...new Set(named.map(({ spEnterpriseId }) => spEnterpriseId))]
  const knownTemplates = await readRows(
    selectRows(tx.manager, OnboardingTemplate, 'row').where('row.partnerId = :partnerId AND row.provisioningId IN (:...provisioningIds)', {
      partnerId,
      provisioningIds,
    }),
  )
  const knownCustomers = await readRows(
    selectRows(tx.manager, Customer, 'row').where('row.partnerId = :partnerId AND row.spEnterpriseId IN (:...spEnterpriseIds)', {
      partnerId,
      spEnterpriseIds,
    }),
  )
  const templates = new Map(knownTemplates.map(template => [template.provisioningId, template]))
  const customers = new Map(knownCustomers.map(customer => [customer.spEnterpriseId, customer]))

  async function template(provisioningId: string): Promise<OnboardingTemplate> {
    const found = templates.get(provisioningId) ?? (await insertImportedTemplate(ctx, tx, provisioningId))
    templates.set(provisioningId, found)
    return found
  }

  return {
    template,
    async customer(spEnterpriseId, provisioningId, webexOrgId = null) {
      const known = customers.get(spEnterpriseId)
      if (known) return known
      const { id: onboardingTemplateId } = await template(provisioningId)
      const made = await insertCustomer(ctx, tx, { onboardingTemplateId, spEnterpriseId, name: null, webexOrgId })
      if (webexOrgId === null) await enqueue(ctx, tx, lookUpOrganizationJob, { customerId: made.id })
      customers.set(spEnterpriseId, made)
      return made
    },
  }
}

/** Makes the customers of a page of enterprises, or gives them their organisation. Answers how many were left alone. */
export async function takeOverEnterprises(ctx: Acting, tx: Transaction, enterprises: Enterprise[]): Promise<number> {
  const keepable = enterprises.flatMap(({ provisioningId, ...rest }) => {
    // Customers of other offers have no onboarding template.
    if (provisioningId === null || !fits(provisioningId, 200) || !fits(rest.spEnterpriseId, 200)) return []
    return [{ provisioningId, spEnterpriseId: rest.spEnterpriseId, orgId: rest.orgId && fits(rest.orgId, 200) ? rest.orgId : null }]
  })
  const customers = await readCustomers(ctx, tx, keepable)
  for (const { spEnterpriseId, provisioningId, orgId } of keepable) {
    const customer = await customers.customer(spEnterpriseId, provisioningId, orgId)
    if (orgId !== null && customer.webexOrgId !== orgId) await keepOrganization(ctx, tx, customer, orgId)
  }
  return enterprises.length - keepable.length
}
