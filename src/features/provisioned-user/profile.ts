import { Checks } from '../../shared/checks'
import { UserErrorCode } from '../../shared/errors'
import type { ProfileChange, ProvisionedUser } from './provisioned-user.entity'

export const NAME_MAX_LENGTH = 128
/** Webex's own limit for user names (its error 4901). */
export const BROADWORKS_ID_MAX_LENGTH = 161

const PHONE = {
  pattern: /^\+?[0-9](?:[-0-9 ().]*[0-9])?$/,
  words: 'digits with `+`, `-`, `.`, spaces or brackets, for example +1-240-555-1212',
}
const EXTENSION = { pattern: /^[0-9]+$/, words: 'digits only' }

/** Checks the numbers of a user; texts that are empty count as missing. */
export function checkNumbers(
  checks: Checks,
  path: string[],
  input: { primaryPhoneNumber?: string | null; mobilePhoneNumber?: string | null; extension?: string | null },
) {
  return {
    primaryPhoneNumber: checks.optionalText([...path, 'primaryPhoneNumber'], input.primaryPhoneNumber, 32, PHONE),
    mobilePhoneNumber: checks.optionalText([...path, 'mobilePhoneNumber'], input.mobilePhoneNumber, 32, PHONE),
    extension: checks.optionalText([...path, 'extension'], input.extension, 20, EXTENSION),
  }
}

/** Webex wants one of the two for every user. Source: Cisco's OpenAPI, "must have either a primary phone number or an extension". */
export function checkReachable(
  checks: Checks,
  path: string[],
  numbers: { primaryPhoneNumber: string | null; extension: string | null },
): void {
  if (numbers.primaryPhoneNumber || numbers.extension) return
  checks.complain(UserErrorCode.REQUIRED, [...path, 'primaryPhoneNumber'], 'A user needs a `primaryPhoneNumber` or an `extension`.')
}

/**
 * What an update of a profile changes, compared with what the user has or has asked for; an empty text removes a number.
 * @throws Refusal naming every field that is wrong.
 */
export function checkProfile(user: ProvisionedUser, input: ProfileInput): ProfileChange {
  const checks = new Checks()
  const numbers = checkNumbers(checks, [], input)
  const given: ProfileChange = {}
  for (const field of ['firstName', 'lastName'] as const) {
    if (input[field] != null) given[field] = checks.text([field], input[field], NAME_MAX_LENGTH)
  }
  for (const field of ['primaryPhoneNumber', 'mobilePhoneNumber', 'extension'] as const) {
    if (input[field] != null) given[field] = numbers[field] ?? ''
  }
  const present = { ...user, ...user.requestedProfile }
  const { primaryPhoneNumber, extension } = { ...present, ...given }
  checkReachable(checks, [], { primaryPhoneNumber, extension })
  checks.throwIfAny()
  return Object.fromEntries(Object.entries(given).filter(([field, value]) => value !== (present[field as keyof ProfileChange] ?? '')))
}

/** Fields of a profile as a caller gives them: null and missing fields stay as they are, an empty number is removed. */
export type ProfileInput = { [Field in keyof ProfileChange]?: string | null }
