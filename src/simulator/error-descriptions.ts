export interface SubscriberError {
  errorCode: number
  description: string
}

export const USER_ID_TAKEN = 10022
export const ADDRESS_TAKEN = 200042
export const ENTERPRISE_ON_OTHER_TEMPLATE = 200050

/** An error as the simulator words it: only the text of 10022 is a published one, the others are our own words. */
export function describeError(errorCode: number): SubscriberError {
  return { errorCode, description: DESCRIPTIONS.get(errorCode) ?? `Provisioning of the subscriber failed with code ${errorCode}` }
}

const DESCRIPTIONS = new Map([
  [2560, 'The calling back end is in maintenance, try again later'],
  [6003, 'The connection to the BroadWorks cluster failed'],
  [USER_ID_TAKEN, 'The BroadWorks UserID is already associated with an existing user'],
  [100006, 'The BroadWorks user ID or password is wrong'],
  [200010, 'BroadWorks did not accept the credentials'],
  [200016, 'The session is no longer valid'],
  [200018, 'The user is locked after too many attempts'],
  [200019, 'The user could not be added'],
  [200022, 'The email could not be sent because the user is not authorized'],
  [200026, 'The email address could not be confirmed because of a failed precheck or a pending user in the wrong state'],
  [200039, 'The email address is already used in another organization'],
  [200040, 'The template of the user does not match the template of the customer'],
  [200041, 'The user already holds a service that conflicts'],
  [ADDRESS_TAKEN, 'The email address is already associated with another BroadWorks UserID'],
  [200043, 'The configuration of the customer is wrong'],
  [200044, 'The BroadWorks UserID is already used on this cluster'],
  [200045, 'The user already belongs to another organization'],
  [200046, 'Several pending users share this BroadWorks UserID on the cluster'],
  [200047, 'The BroadWorks UserID is in use on the cluster'],
  [200048, 'The email address is already provisioned'],
  [200049, 'The email address is already in use'],
  [ENTERPRISE_ON_OTHER_TEMPLATE, 'The enterprise is already used with another provisioning ID'],
  [200051, 'The enterprise is already used by another service provider on this cluster'],
  [200054, 'The region of the customer organization differs from the region of the partner organization'],
])
