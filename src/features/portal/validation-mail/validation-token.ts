import { errors, jwtVerify, SignJWT } from 'jose'
import type { Platform } from '../../../context/context'
import { deriveKey, openWithAny } from '../../../shared/encryption'

/** The token in the link of a validation mail. The database has only the ID of the mail that counts, so it gives no link away. */
export interface ValidationToken {
  userId: string
  /** Of the mail; the user has that of the last one. */
  validationId: string
}

const PURPOSE = 'validation mail'

type Means = Pick<Platform, 'config' | 'clock'>

/** Signed, the same each time: a mail that has to be sent again has the same link. @param expiresAt RFC 3339 */
export async function signValidationToken(
  { config }: Means,
  { userId, validationId }: ValidationToken,
  expiresAt: string,
): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setJti(validationId)
    .setExpirationTime(new Date(expiresAt))
    .sign(deriveKey(config.encryptionKeys[0], PURPOSE))
}

/** @returns EXPIRED or INVALID when it is not one of ours that still holds */
export async function readValidationToken({ config, clock }: Means, token: string): Promise<ValidationToken | 'EXPIRED' | 'INVALID'> {
  try {
    const options = { algorithms: ['HS256'], currentDate: clock.now(), requiredClaims: ['exp', 'sub', 'jti'] }
    const { payload } = await openWithAny(
      config.encryptionKeys,
      PURPOSE,
      key => jwtVerify(token, key, options),
      error => error instanceof errors.JWSSignatureVerificationFailed,
    )
    return { userId: payload.sub ?? '', validationId: payload.jti ?? '' }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'EXPIRED'
    if (error instanceof errors.JOSEError) return 'INVALID'
    throw error
  }
}
