import type { Context, Loader } from '../../context/context'
import type { ReferenceResolver } from '../../graphql/engine/schema'
import { customerById, customerBySpEnterpriseId } from '../customer/customer.loaders'
import { templateById, templateByProvisioningId } from '../onboarding-template/onboarding-template.loaders'
import { userByBroadworksId, userById } from '../provisioned-user/provisioned-user.loaders'

/** How objects are found that other subgraphs refer to: by the same loaders, and with the same rights, as every query. */
export const ENTITY_REFERENCES: Record<string, ReferenceResolver> = {
  Customer: byKeys({ id: customerById, spEnterpriseId: customerBySpEnterpriseId }),
  OnboardingTemplate: byKeys({ id: templateById, provisioningId: templateByProvisioningId }),
  ProvisionedUser: byKeys({ id: userById, broadworksId: userByBroadworksId }),
}

function byKeys(loaders: Record<string, Loader<string, object | null>>): ReferenceResolver {
  return async (reference: Record<string, unknown>, ctx: Context) => {
    const key = Object.keys(loaders).find(name => typeof reference[name] === 'string')
    return key ? ctx.load(loaders[key] as Loader<string, object | null>, reference[key] as string) : null
  }
}
