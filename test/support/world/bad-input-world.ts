import type { Actor } from './actor'
import type { TestPartner } from './app'
import type { BadInputWorld } from '../schema/bad-input-rules'
import { makeTemplate, makeUser, nextNumber } from './builders'
import { makeOperation, makeToken } from '../schema/valid-inputs'

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
  const malloryOperation = await makeOperation(mallory, 'CANCELLED', malloryUser.id, malloryUser.id)
  return {
    template,
    otherTemplate,
    otherProvisioningId,
    customer: user.customer.id,
    otherEnterprise,
    user: user.id,
    broadworksId: user.broadworksId,
    bulkOperation: await makeOperation(alice, 'CANCELLED', user.id, user.id),
    mallory: {
      template: malloryTemplate,
      customer: malloryUser.customer.id,
      user: malloryUser.id,
      broadworksId: malloryUser.broadworksId,
      enterprise: malloryUser.customer.spEnterpriseId,
      provisioningId,
      token: await makeToken(mallory.admin),
      bulkOperation: malloryOperation,
    },
  }
}

export interface KnownCursor {
  /** The type of the list's nodes. */
  type: string
  order: string
  cursor: string
}

const EDGES = '{ edges { cursor } }'
const LISTS: [type: string, order: string, list: string][] = [
  ['ProvisionedUser', 'CREATED_AT:DESC', `provisionedUsers ${EDGES}`],
  ['ProvisionedUser', 'CREATED_AT:ASC', `provisionedUsers(orderBy: { field: CREATED_AT, direction: ASC }) ${EDGES}`],
  ['ProvisionedUser', 'LAST_NAME:DESC', `provisionedUsers(orderBy: { field: LAST_NAME, direction: DESC }) ${EDGES}`],
  ['Customer', 'CREATED_AT:DESC', `customers ${EDGES}`],
  ['Customer', 'NAME:DESC', `customers(orderBy: { field: NAME, direction: DESC }) ${EDGES}`],
  ['OnboardingTemplate', 'CREATED_AT:DESC', `onboardingTemplates ${EDGES}`],
  ['AuditEvent', 'AT:DESC', `auditEvents ${EDGES}`],
  ['BulkOperation', 'CREATED_AT:DESC', `bulkOperations ${EDGES}`],
  ['BulkResult', 'POSITION:ASC', `bulkOperations { nodes { results ${EDGES} } }`],
  ['UserChange', 'CHANGED:ASC', 'userChanges { endCursor }'],
]

/** A cursor of each list and order that the actor can see. */
export async function gatherCursors(actor: Actor): Promise<KnownCursor[]> {
  return Promise.all(
    LISTS.map(async ([type, order, list]) => {
      const { data, errors } = await actor.ask<object, Record<string, never>>(`{ ${list} }`)
      expect(errors).toEqual([])
      const [, cursor = ''] = /"(?:cursor|endCursor)":"([^"]+)"/.exec(JSON.stringify(data)) ?? []
      return { type, order, cursor }
    }),
  )
}
