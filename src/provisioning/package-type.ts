/** The four packages of Webex for BroadWorks. Source: Cisco's help article on packages. */
export enum PackageType {
  SOFTPHONE = 'SOFTPHONE',
  BASIC = 'BASIC',
  STANDARD = 'STANDARD',
  PREMIUM = 'PREMIUM',
}
