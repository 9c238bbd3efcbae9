import { errors, jwtVerify, SignJWT } from 'jose'
import type { Platform } from '../../../context/context'
import { deriveKey, openWithAny } from '../../../shared/encryption'

/** Claims of the token in the link of a validation mail. The database has only the ID of the valid mail, from which no link can be made. */
export interface ValidationToken {
  userId: string
  /** ID of the mail. The token is valid while the user has the same ID. */
  validationId: string
}

const PURPOSE = 'validation mail'

/** Signs a token, deterministically: a mail that is sent again has the same link. @param expiresAt RFC 3339 */
export async function signValidationToken(
  { config }: Platform,
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

/** Verifies a token. @returns EXPIRED after its end; INVALID when its form or its signature is wrong */
export async function readValidationToken({ config, clock }: Platform, token: string): Promise<ValidationToken | 'EXPIRED' | 'INVALID'> {
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
