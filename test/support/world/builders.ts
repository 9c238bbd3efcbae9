import type { Actor } from './actor'
import {
  CreateOnboardingTemplateDocument,
  type CreateOnboardingTemplateInput,
  FindUserDocument,
  ProvisionUserDocument,
  type ProvisionUserItem,
  type UserRowFragment,
  type UserStatus,
} from '../operations/operations.generated'
import { eventually } from './waiting'

let made = 0

/** A number that no other test of this run uses, so that every test has data of its own. */
export function nextNumber(): number {
  made += 1
  return Date.now() * 1000 + made
}

/** A template that is ready for activation with untrusted e-mails. Answers its ID. */
export async function makeTemplate(admin: Actor, input: Partial<CreateOnboardingTemplateInput> = {}): Promise<string> {
  const { createOnboardingTemplate } = await admin.get(CreateOnboardingTemplateDocument, {
    input: {
      name: `Template ${nextNumber()}`,
      countryCode: 'IT',
      language: 'it',
      serviceProviderAdminEmail: 'voice-admin@provider.example',
      partnerAdminName: 'Alice Telecom',
      defaultPackageType: 'STANDARD',
      ...input,
    },
  })
  if (!createOnboardingTemplate?.onboardingTemplate) throw new Error(JSON.stringify(createOnboardingTemplate?.userErrors))
  return createOnboardingTemplate.onboardingTemplate.id
}

export function userItem(onboardingTemplateId: string, item: Partial<ProvisionUserItem> = {}): ProvisionUserItem {
  const number = nextNumber()
  return {
    onboardingTemplateId,
    broadworksId: `user.${number}@provider.example`,
    spEnterpriseId: 'SP1+acme',
    firstName: 'Anna',
    lastName: 'Rossi',
    primaryPhoneNumber: '+39-02-5550123',
    ...item,
  }
}

export type MadeUser = UserRowFragment & { customer: { id: string; name: string; spEnterpriseId: string } }

/** Hands a user over; without an e-mail the user waits in PENDING_EMAIL_INPUT. */
export async function makeUser(operator: Actor, onboardingTemplateId: string, item: Partial<ProvisionUserItem> = {}): Promise<MadeUser> {
  const { provisionUser } = await operator.get(ProvisionUserDocument, { input: { user: userItem(onboardingTemplateId, item) } })
  if (!provisionUser?.provisionedUser) throw new Error(JSON.stringify(provisionUser?.userErrors))
  return provisionUser.provisionedUser
}

/** Waits until the user has the status. */
export async function untilStatus(actor: Actor, id: string, ...statuses: UserStatus[]): Promise<UserRowFragment> {
  return eventually(async () => {
    const { provisionedUser: user } = await actor.get(FindUserDocument, { id })
    return user && statuses.includes(user.status) ? user : null
  })
}
