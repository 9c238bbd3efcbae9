import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import type { Platform } from '../../../context/context'
import { deriveKey, openWithAny } from '../../../shared/encryption'

/** A walk through the portal takes minutes, waits for the mail included; who takes longer signs in again. Renewed at each step. */
export const SESSION_SECONDS = 30 * 60

const PURPOSE = 'activation session'

type Means = Pick<Platform, 'config' | 'clock'>

/** The session of a user, encrypted: every replica can read it, and nobody else. */
export async function sealSession({ config, clock }: Means, userId: string): Promise<string> {
  return new EncryptJWT({})
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setSubject(userId)
    .setExpirationTime(new Date(clock.now().getTime() + SESSION_SECONDS * 1000))
    .encrypt(deriveKey(config.encryptionKeys[0], PURPOSE))
}

/** ID of the user; null when the session is over, or was not made here. Whether the user still is there, the reader has to look. */
export async function openSession({ config, clock }: Means, sealed: string): Promise<string | null> {
  try {
    const options = { currentDate: clock.now(), requiredClaims: ['exp', 'sub'] }
    const { payload } = await openWithAny(
      config.encryptionKeys,
      PURPOSE,
      key => jwtDecrypt(sealed, key, options),
      error => error instanceof errors.JWEDecryptionFailed,
    )
    return payload.sub ?? null
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}
