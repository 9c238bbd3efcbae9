import { typeid } from 'typeid-js'

/** The prefix of each kind of object; an ID tells its type, in the API as in a log. */
export const ID_PREFIXES = {
  Partner: 'prt',
  ApiToken: 'tok',
  OnboardingTemplate: 'tpl',
  Customer: 'cus',
  ProvisionedUser: 'usr',
  ActivationAttempt: 'att',
  AuditEvent: 'aud',
  BulkOperation: 'blk',
  BulkResult: 'blr',
  Validation: 'val',
  Download: 'dow',
  Job: 'job',
} as const

export type IdentifiedType = keyof typeof ID_PREFIXES

/** A TypeID such as `usr_01h2xcejqtf2nbrexx3vqjhp41`: a UUIDv7 behind a prefix, so IDs sort by their time of making. */
export function newId(type: IdentifiedType): string {
  return typeid(ID_PREFIXES[type]).toString()
}

/** The type that an ID names by its prefix, or null when it has none of ours. Says nothing about whether the object exists. */
export function typeOfId(id: string): IdentifiedType | null {
  const prefix = /^([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{25}$/.exec(id)?.[1]
  const found = Object.entries(ID_PREFIXES).find(([, candidate]) => candidate === prefix)
  return found ? (found[0] as IdentifiedType) : null
}
