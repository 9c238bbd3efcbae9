import { PackageType } from '../provisioning/package-type'
import type { WebexPackage } from './webex-types'

export function toWebexPackage(packageType: PackageType): WebexPackage {
  return packageType.toLowerCase() as WebexPackage
}

export function fromWebexPackage(webexPackage: WebexPackage): PackageType {
  return PackageType[webexPackage.toUpperCase() as keyof typeof PackageType]
}
