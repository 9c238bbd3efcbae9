import { randomBytes } from 'node:crypto'
import { decrypt, encrypt, type KeyRing } from '../../shared/encryption'
import type { AuditChange, AuditEvent } from './audit-event.entity'

/** What is read where a personal value was, once its person was erased. */
export const ERASED = '[erased]'

/** What an event tells of a person; everything else of a user says nothing about who it is. */
const PERSONAL_FIELDS = ['broadworksId', 'email', 'firstName', 'lastName', 'primaryPhoneNumber', 'mobilePhoneNumber', 'extension']

/** What is hidden of an event. */
type Told = Pick<AuditEvent, 'targetLabel' | 'changes'>

/** The key of one person's audit trail, 32 random bytes, encrypted for the database. Whoever drops it erases the person from the trail. */
export function newPersonalKey(encryptionKeys: KeyRing): string {
  return encrypt(encryptionKeys, randomBytes(32).toString('base64url'))
}

/** An event about a person as it is stored: the person's values under the person's key, and the trail without them in clear. */
export function seal(encryptionKeys: KeyRing, personalKey: string, told: Told): Told & { sealed: string } {
  const { targetLabel, changes } = told
  return { ...withoutPerson(told), sealed: encrypt([open(encryptionKeys, personalKey)], JSON.stringify({ targetLabel, changes })) }
}

/** @param personalKey null when it was dropped: then the event stays as it is stored */
export function unseal(encryptionKeys: KeyRing, personalKey: string | null, event: AuditEvent): Told {
  if (event.sealed === null || personalKey === null) return event
  return JSON.parse(decrypt([open(encryptionKeys, personalKey)], event.sealed)) as Told
}

/** What stays of an event about a person for good: which fields were set, changed or emptied, and what was done. */
export function withoutPerson({ changes }: Pick<Told, 'changes'>): Told {
  return { targetLabel: ERASED, changes: changes.map(change => (PERSONAL_FIELDS.includes(change.field) ? erased(change) : change)) }
}

function erased({ field, before, after }: AuditChange): AuditChange {
  return { field, before: before === null ? null : ERASED, after: after === null ? null : ERASED }
}

function open(encryptionKeys: KeyRing, personalKey: string): Buffer {
  return Buffer.from(decrypt(encryptionKeys, personalKey), 'base64url')
}
