import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts a secret for the database: AES-256-GCM, as base64url of nonce, tag and ciphertext. @param key 32 bytes */
export function encrypt(key: Buffer, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce)
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url')
}

/** A key of 32 bytes for one purpose, so that what was made for one is worth nothing for another. */
export function deriveKey(key: Buffer, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', purpose, 32))
}

/** @throws Error in plain words when the key is not the one that encrypted, or the text was changed. */
export function decrypt(key: Buffer, encrypted: string): string {
  try {
    return decipher(key, encrypted)
  } catch (cause) {
    throw new Error(
      'The database was encrypted with another key. Give it as ENCRYPTION_KEY, or bring back the file `encryption-key` of the data folder.',
      { cause },
    )
  }
}

function decipher(key: Buffer, encrypted: string): string {
  const bytes = Buffer.from(encrypted, 'base64url')
  const cipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  cipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]).toString('utf8')
}
