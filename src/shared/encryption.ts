import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Enough to tell the few keys of an installation apart, and too little to tell anything about them. */
const KEY_ID_BYTES = 4

/** Keys of 32 bytes: the first one encrypts and signs, and what any of them encrypted or signed is read. */
export type KeyRing = readonly [Buffer, ...Buffer[]]

/** Encrypts a secret for the database: `<ID of the key>.<base64url of nonce, tag and ciphertext>`, by AES-256-GCM. */
export function encrypt([key]: KeyRing, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce)
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return currentPrefix([key]) + Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url')
}

/** @throws Error in plain words when none of the keys is the one that encrypted, or the text was changed. */
export function decrypt(keys: KeyRing, encrypted: string): string {
  const [, prefix, text = ''] = /^([^.]*\.)?(.*)$/s.exec(encrypted) ?? []
  // What was encrypted before there were IDs has none: the keys are tried, of which there are few.
  const candidates = keys.filter(key => prefix === undefined || prefix === currentPrefix([key]))
  for (const key of candidates) {
    try {
      return decipher(key, text)
    } catch {
      // Another key's, as AES-GCM finds out.
    }
  }
  throw new Error(
    'The database was encrypted with another key. Give it as ENCRYPTION_KEY, or bring back the file `encryption-key` of the data folder. ' +
      'If the key was changed, name the one before in ENCRYPTION_KEYS_OLD.',
  )
}

/** What everything begins with that the current key encrypted: the ID of the key, and a point. */
export function currentPrefix([key]: KeyRing): string {
  return `${Buffer.from(deriveKey(key, 'key ID')).subarray(0, KEY_ID_BYTES).toString('hex')}.`
}

/** A key of 32 bytes for one purpose, so that what was made for one is worth nothing for another. */
export function deriveKey(key: Buffer, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', purpose, 32))
}

/**
 * Opens a token with the keys of one purpose, one after the other: it does not say which of them it was made with.
 * @param isWrongKey tells that failure from all others
 * @throws whatever `open` throws
 */
export async function openWithAny<Opened>(
  keys: KeyRing,
  purpose: string,
  open: (key: Uint8Array) => Promise<Opened>,
  isWrongKey: (error: unknown) => boolean,
): Promise<Opened> {
  let failure: unknown
  for (const key of keys) {
    try {
      return await open(deriveKey(key, purpose))
    } catch (error) {
      if (!isWrongKey(error)) throw error
      failure = error
    }
  }
  throw failure
}

function decipher(key: Buffer, encrypted: string): string {
  const bytes = Buffer.from(encrypted, 'base64url')
  const cipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  cipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]).toString('utf8')
}
