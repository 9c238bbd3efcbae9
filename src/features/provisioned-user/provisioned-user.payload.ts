import { type ObjectPayload, payloadOf } from '../../graphql/payload'
import { ProvisionedUser } from './provisioned-user.entity'

/** What a mutation on one user returns. */
export type ProvisionedUserPayload = ObjectPayload<'provisionedUser', ProvisionedUser>

/** Makes the payload type of a mutation on one user. */
export const userPayloadOf = (mutation: string) =>
  payloadOf(mutation, 'provisionedUser', () => ProvisionedUser, 'The user as it is now; null when there are user errors.')
