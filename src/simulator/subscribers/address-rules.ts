/**
 * What the local part of an address makes the simulator do, so that every outcome can be had on demand. A rule may be followed by a separator and
 * anything (`error-10022-anna@…`), so that many users can meet the same fate.
 */
export type AddressRule =
  | { kind: 'error'; errorCode: number }
  | { kind: 'updateError'; errorCode: number }
  | { kind: 'http'; httpStatus: number }
  | { kind: 'consumer' }
  | { kind: 'slow'; seconds: number }
  | { kind: 'none' }

export function addressRule(email: string): AddressRule {
  const localPart = email.slice(0, Math.max(email.lastIndexOf('@'), 0)).toLowerCase()
  if (localPart.startsWith('consumer-')) return { kind: 'consumer' }
  const match = /^(error|update-error|http|slow)-(\d{1,9})(?:[-._+].*)?$/.exec(localPart)
  const number = Number(match?.[2])
  switch (match?.[1]) {
    case 'error':
      return { kind: 'error', errorCode: number }
    case 'update-error':
      return { kind: 'updateError', errorCode: number }
    case 'http':
      return number >= 400 && number <= 599 ? { kind: 'http', httpStatus: number } : { kind: 'none' }
    case 'slow':
      return { kind: 'slow', seconds: Math.min(number, LONGEST_SECONDS) }
    default:
      return { kind: 'none' }
  }
}

/** How long asynchronous work takes for the user of this address. */
export function workMs(email: string | null, ordinaryMs: number): number {
  const rule = addressRule(email ?? '')
  return rule.kind === 'slow' ? rule.seconds * 1000 : ordinaryMs
}

/** Longer than an hour is no longer slow but stuck, and there are other ways to be that. */
const LONGEST_SECONDS = 3600
