import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import type { Platform } from '../../../context/context'
import { deriveKey, openWithAny } from '../../../shared/encryption'

/** Lifetime of a session; every step renews it. The portal takes minutes, including the wait for the mail. */
export const SESSION_SECONDS = 30 * 60

const PURPOSE = 'activation session'

/** Seals the session of a user in an encrypted token, which every replica can open. */
export async function sealSession({ config, clock }: Platform, userId: string): Promise<string> {
  return new EncryptJWT({})
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setSubject(userId)
    .setExpirationTime(new Date(clock.now().getTime() + SESSION_SECONDS * 1000))
    .encrypt(deriveKey(config.encryptionKeys[0], PURPOSE))
}

/**
 * Opens a sealed session.
 * @returns the ID of the user, who may have been deleted since; null when the session has expired or was not sealed with one of our keys
 */
export async function openSession({ config, clock }: Platform, sealed: string): Promise<string | null> {
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
