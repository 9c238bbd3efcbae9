/** Identifiers in the shape that Webex gives them: opaque to a client, but made of a kind and a UUID. */

export const subscriberId = (uuid: string) => ciscoIdentifier('SUBSCRIBER', uuid)
export const personId = (uuid: string) => ciscoIdentifier('PEOPLE', uuid)
export const enterpriseId = (uuid: string) => ciscoIdentifier('ENTERPRISE', uuid)
export const organizationId = (uuid: string) => ciscoIdentifier('ORGANIZATION', uuid)

/** The key of an onboarding template, as Partner Hub shows it. */
export function provisioningId(partnerUuid: string, templateUuid: string): string {
  return Buffer.from(`${partnerUuid}:${templateUuid}`).toString('base64').replace(/=+$/, '')
}

function ciscoIdentifier(kind: string, uuid: string): string {
  return Buffer.from(`ciscospark://us/${kind}/${uuid}`).toString('base64url')
}
