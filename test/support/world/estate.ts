import { newId, typeOfId } from '../../../src/shared/ids'
import { type Actor, createActor } from './actor'
import type { TestApp, TestPartner } from './app'
import { type MadeUser, makeTemplate, makeUser, nextNumber, untilStatus } from './builders'
import { gatherCursors } from './bad-input-world'
import { CausesDocument, CreateApiTokenDocument, UserHistoryDocument } from '../operations/operations.generated'
import { hasNoJobs } from '../database/table-dump'
import { makeOperation } from '../schema/valid-inputs'
import { eventually } from './waiting'

/** Something of a partner's, named in every way in which a caller can name it. */
export interface Target {
  partner: string
  template: string
  customer: string
  user: string
  attempt: string
  auditEvent: string
  token: string
  provisioningId: string
  spEnterpriseId: string
  broadworksId: string
  email: string
  /** Who handed the users over. */
  actor: string
  cursor: string
  /** Of somebody of the partner's who is stuck. */
  causeKey: string
  bulkOperation: string
}

/** What one partner has: two templates, three customers, and users in every rest of the way. */
export interface Estate extends TestPartner {
  /** Of the first customer, on the first template. */
  target: Target
  /** Of the second customer, which is on the first template too, and the second template: what a token for the first does not see. */
  hidden: Target
  customers: [first: string, second: string, third: string]
}

export async function makeEstate(app: TestApp, name: string): Promise<Estate> {
  const number = nextNumber()
  const partner = await app.addPartner(`${name} ${number}`)
  const label = (which: string) => `${name} ${which} ${number}`
  const provisioningIds = { first: `first${number}`, second: `second${number}` }
  const makeOne = (which: 'first' | 'second') =>
    makeTemplate(partner.admin, {
      name: label(`${which} template`),
      provisioningId: provisioningIds[which],
      partnerAdminName: label(which),
    })
  const [template, otherTemplate] = [await makeOne('first'), await makeOne('second')]
  const { actor, id: token } = await makeNamedOperator(partner.admin, app.url, `Operator ${number}`)
  const { actor: colleague } = await makeNamedOperator(partner.admin, app.url, `Colleague ${number}`)

  const at = (which: string) => ({ spEnterpriseId: `SP${number}+${which}`, customerName: label(`${which} customer`) })
  const email = (local: string) => `${local}.${number}@example.com`
  const user = await makeUser(actor, template, { ...at('first'), email: email('anna'), lastName: label('Rossi') })
  const waiting = await makeUser(actor, template, at('first'))
  const second = await makeUser(colleague, template, { ...at('second'), email: email('carlo'), lastName: label('Bianchi') })
  const failing = await makeUser(colleague, template, { ...at('second'), email: email('error-10022') })
  const third = await makeUser(colleague, otherTemplate, at('third'))
  for (const { id } of [user, second]) await untilStatus(actor, id, 'PROVISIONED')
  await untilStatus(actor, failing.id, 'ERROR')

  const common = { token, actor: `Operator ${number}`, cursor: (await gatherCursors(actor))[0]?.cursor ?? '' }
  const names = async ({ id, broadworksId, customer }: MadeUser) => ({
    user: id,
    broadworksId,
    customer: customer.id,
    spEnterpriseId: customer.spEnterpriseId,
    causeKey: await causeKeyOf(actor, customer.id),
    ...(await historyOf(actor, id)),
  })
  return {
    ...partner,
    customers: [waiting.customer.id, second.customer.id, third.customer.id],
    target: {
      ...common,
      bulkOperation: await makeOperation(partner, 'CANCELLED', user.id, waiting.id),
      ...(await names(user)),
      partner: partner.partnerId,
      template,
      provisioningId: provisioningIds.first,
      email: email('anna'),
    },
    // The partner and its cursors are not hidden from one of its own tokens.
    hidden: {
      ...common,
      bulkOperation: await makeOperation(partner, 'CANCELLED', second.id, failing.id),
      ...(await names(second)),
      partner: newId('Partner'),
      template: otherTemplate,
      provisioningId: provisioningIds.second,
      email: email('carlo'),
      actor: `Colleague ${number}`,
      cursor: 'no cursor',
    },
  }
}

async function historyOf(actor: Actor, id: string): Promise<{ attempt: string; auditEvent: string }> {
  const { provisionedUser } = await actor.get(UserHistoryDocument, { id })
  return { attempt: provisionedUser?.attempts.nodes[0]?.id ?? '', auditEvent: provisionedUser?.auditEvents.nodes[0]?.id ?? '' }
}

async function causeKeyOf(actor: Actor, customer: string): Promise<string> {
  const { causes } = await actor.get(CausesDocument, { filter: { customerIds: [customer] }, first: 1 })
  return causes[0]?.key ?? ''
}

async function makeNamedOperator(admin: Actor, url: string, name: string): Promise<{ actor: Actor; id: string }> {
  const { createApiToken } = await admin.get(CreateApiTokenDocument, { input: { name, role: 'OPERATOR' } })
  return { actor: createActor(url, createApiToken?.secret ?? ''), id: createApiToken?.apiToken?.id ?? '' }
}

/** The same names with nothing behind them, each as well formed as a real one, and as long: what an answer costs counts its question, too. */
export function phantomOf(target: Target): Target {
  const number = nextNumber()
  const values = Object.entries(target).map(([key, value]: [string, string]) => {
    const type = typeOfId(value)
    return [key, type ? newId(type) : value.replace(/\d{10,}/, String(number))]
  })
  const own = {
    broadworksId: `user.${number}@provider.example`,
    cursor: 'A'.repeat(target.cursor.length),
    causeKey: target.causeKey.replace(/^\w+/, newId('OnboardingTemplate')),
  }
  return { ...(Object.fromEntries(values) as unknown as Target), ...own }
}

/** Waits until no job is left, so that nothing changes but by requests. */
export async function untilQuiet(app: TestApp): Promise<void> {
  await eventually(() => hasNoJobs(app.platform))
}
