import { createOidcVerifier, type OidcCaller, REFUSED } from '../../auth/oidc'
import type { Viewer } from '../../auth/viewer'
import { readById, readRows, selectRows } from '../../database/rows'
import type { Platform } from '../../context/context'
import { typeOfId } from '../../shared/ids'
import { isApiToken, viewerOf } from '../api-token/api-token.service'
import { Customer } from '../customer/customer.entity'
import { Partner } from '../partner/partner.entity'

export type Authenticate = (secret: string) => Promise<Viewer | null>

/**
 * Tells who bears a token: an API token, or an access token of the OpenID Connect provider where there is one. The answer is null for whatever is
 * neither, or not any more.
 * @throws Unavailable while the provider cannot be asked for its keys
 */
export function createAuthentication(platform: Platform): Authenticate {
  const { config, clock, logger } = platform
  const verify = config.oidc && createOidcVerifier(config.oidc, { clock, logger })
  return async secret => {
    if (isApiToken(secret)) return viewerOf(platform, secret)
    const caller = await verify?.(secret)
    return caller ? viewerOfCaller(platform, caller) : null
  }
}

async function viewerOfCaller({ config, database, logger }: Platform, { customers, ...caller }: OidcCaller): Promise<Viewer | null> {
  const { partnerId } = caller
  const isKnown = typeOfId(partnerId) === 'Partner' && (await readById(database.reader, Partner, partnerId)) !== null
  if (isKnown) return { ...caller, customerIds: customers && (await customerIdsOf(database.reader, partnerId, customers)) }
  logger.info({ claim: config.oidc?.partnerClaim, reason: 'There is no such partner.' }, REFUSED)
  return null
}

/** Those whom the partner has. None of them is what the caller may see then, not all. */
async function customerIdsOf(manager: Platform['database']['reader'], partnerId: string, named: string[]): Promise<string[]> {
  // What looks like an ID is one, lest somebody make a customer whose enterprise ID is the ID of another.
  const ids = ['', ...named.filter(name => typeOfId(name) === 'Customer')]
  const spEnterpriseIds = ['', ...named.filter(name => typeOfId(name) !== 'Customer' && !name.includes('\0'))]
  const ofPartner = selectRows(manager, Customer, 'row').where(
    // The partner is said twice: with one, SQLite walks all of its customers.
    '(row.partnerId = :partnerId AND row.id IN (:...ids)) OR (row.partnerId = :partnerId AND row.spEnterpriseId IN (:...spEnterpriseIds))',
    { partnerId, ids, spEnterpriseIds },
  )
  return (await readRows(ofPartner)).map(({ id }) => id)
}
