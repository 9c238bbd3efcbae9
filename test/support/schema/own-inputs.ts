import type { Estate, Target } from '../world/estate'
import { userItem } from '../world/builders'
import { validInputs } from './valid-inputs'

type Values = Record<string, unknown>

/** Something that anybody may do for themselves, said so that it names what is somebody else's. */
type MakeOwnInputs = (target: Target, own: Estate) => Values[] | Promise<Values[]>

const selections = ({ user, customer, template, email, causeKey }: Target): Values[] => [
  { userIds: [user] },
  ...filters({ customer, template, email, causeKey }).map(filter => ({ filter })),
]

const filters = ({ customer, template, email, causeKey }: Pick<Target, 'customer' | 'template' | 'email' | 'causeKey'>): Values[] => [
  { customerIds: [customer] },
  { onboardingTemplateIds: [template], statuses: ['ERROR'] },
  { search: email },
  { causeKey },
]

/**
 * Inputs that are carried out, or answered with results, whatever they name. What is somebody else's has to be to them as what is not there. The
 * other mutations refuse an input that names it.
 */
export const OWN_INPUTS: Record<string, MakeOwnInputs> = {
  exportUsers: target => [...['CSV', 'JSONL'].map(format => ({ format })), ...filters(target).map(filter => ({ format: 'JSONL', filter }))],
  bulkRetryActivation: target => [...selections(target), { items: [{ userId: target.user, email: target.email }] }],
  bulkDeleteUsers: selections,
  bulkChangePackageType: target => selections(target).map(selection => ({ ...selection, packageType: 'BASIC' })),
  precheckUsers: ({ user, email, ...target }, own) => {
    const { broadworksId, spEnterpriseId } = namesOf({ email, ...target })
    return [
      { users: [{ userId: user, email }] },
      { users: [{ onboardingTemplateId: own.target.template, email, broadworksId, spEnterpriseId }] },
    ]
  },
  provisionUser: (target, own) => [{ user: userItem(own.target.template, namesOf(target)) }],
  provisionUsers: (target, own) => [{ users: [userItem(own.target.template, namesOf(target))] }],
  createOnboardingTemplate: async ({ provisioningId }, own) => {
    const { idempotencyKey: _, ...settings } = (await validInputs(own, own.target.template)['createOnboardingTemplate']?.()) ?? {}
    return [{ ...settings, name: `Copy of ${provisioningId}`, provisioningId }]
  },
  startSync: () => [{ full: true, allowDeletions: false }],
}

const namesOf = ({ broadworksId, spEnterpriseId, email }: Pick<Target, 'broadworksId' | 'spEnterpriseId' | 'email'>) => ({
  broadworksId,
  spEnterpriseId,
  email,
})

/** These name a template, too, which has to be the caller's. */
const REFUSED_TOO = ['provisionUser', 'provisionUsers', 'precheckUsers']

/** Whether a mutation refuses an input that names what is somebody else's. */
export function isRefused(mutation: string): boolean {
  return !(mutation in OWN_INPUTS) || REFUSED_TOO.includes(mutation)
}
