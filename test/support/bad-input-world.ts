import type { Actor } from './actor'
import type { TestPartner } from './app'
import type { BadInputWorld } from './bad-input-rules'
import { makeTemplate, makeUser, nextNumber } from './builders'
import { makeToken } from './valid-inputs'

/** Two partners, each with one of everything; the users wait, so that nothing goes on by itself. */
export async function makeBadInputWorld(alice: TestPartner, mallory: TestPartner): Promise<BadInputWorld> {
  const template = await makeTemplate(alice.admin)
  const otherProvisioningId = `provisioning${nextNumber()}`
  const otherTemplate = await makeTemplate(alice.admin, { provisioningId: otherProvisioningId })
  const user = await makeUser(alice.operator, template)
  const otherEnterprise = (await makeUser(alice.operator, otherTemplate, { spEnterpriseId: 'SP1+other' })).customer.spEnterpriseId
  const provisioningId = `provisioning${nextNumber()}`
  const malloryTemplate = await makeTemplate(mallory.admin, { provisioningId })
  const malloryUser = await makeUser(mallory.operator, malloryTemplate, { spEnterpriseId: 'SP9+mallory' })
  return {
    template,
    otherTemplate,
    otherProvisioningId,
    customer: user.customer.id,
    otherEnterprise,
    user: user.id,
    broadworksId: user.broadworksId,
    mallory: {
      template: malloryTemplate,
      customer: malloryUser.customer.id,
      user: malloryUser.id,
      broadworksId: malloryUser.broadworksId,
      enterprise: malloryUser.customer.spEnterpriseId,
      provisioningId,
      token: await makeToken(mallory.admin),
    },
  }
}

export interface KnownCursor {
  /** The type of the list's nodes. */
  type: string
  order: string
  cursor: string
}

const LISTS: [type: string, order: string, list: string][] = [
  ['ProvisionedUser', 'CREATED_AT:DESC', 'provisionedUsers'],
  ['ProvisionedUser', 'CREATED_AT:ASC', 'provisionedUsers(orderBy: { field: CREATED_AT, direction: ASC })'],
  ['ProvisionedUser', 'LAST_NAME:DESC', 'provisionedUsers(orderBy: { field: LAST_NAME, direction: DESC })'],
  ['Customer', 'CREATED_AT:DESC', 'customers'],
  ['Customer', 'NAME:DESC', 'customers(orderBy: { field: NAME, direction: DESC })'],
  ['OnboardingTemplate', 'CREATED_AT:DESC', 'onboardingTemplates'],
  ['AuditEvent', 'AT:DESC', 'auditEvents'],
]

/** A cursor of each list and order that the actor can see. */
export async function gatherCursors(actor: Actor): Promise<KnownCursor[]> {
  return Promise.all(
    LISTS.map(async ([type, order, list]) => {
      const { data } = await actor.ask<{ list: { edges: { cursor: string }[] } }, Record<string, never>>(
        `{ list: ${list} { edges { cursor } } }`,
      )
      return { type, order, cursor: data.list.edges[0]?.cursor ?? '' }
    }),
  )
}
