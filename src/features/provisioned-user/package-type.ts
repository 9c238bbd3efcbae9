import { registerEnumType } from 'type-graphql'
import type { WebexPackage } from '../../provisioning/webex-types'

/** The four packages of Webex for BroadWorks. Source: Cisco's help article on packages. */
export enum PackageType {
  SOFTPHONE = 'SOFTPHONE',
  BASIC = 'BASIC',
  STANDARD = 'STANDARD',
  PREMIUM = 'PREMIUM',
}

registerEnumType(PackageType, {
  name: 'PackageType',
  description: 'Package of Webex for BroadWorks.',
  valuesConfig: {
    SOFTPHONE: { description: 'Calling only: no messaging, no meetings.' },
    BASIC: { description: 'Calling, messaging, meetings in spaces up to 25 people; no Personal Meeting Room.' },
    STANDARD: { description: 'As Basic; meetings in spaces and in the Personal Meeting Room up to 100 people.' },
    PREMIUM: { description: 'As Standard; up to 300 people in spaces, 1,000 in the Personal Meeting Room.' },
  },
})

export function toWebexPackage(packageType: PackageType): WebexPackage {
  return packageType.toLowerCase() as WebexPackage
}

export function fromWebexPackage(webexPackage: WebexPackage): PackageType {
  return PackageType[webexPackage.toUpperCase() as keyof typeof PackageType]
}
