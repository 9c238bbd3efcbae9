import { errors, jwtVerify, SignJWT } from 'jose'
import type { Platform } from '../../context/context'
import { deriveKey, openWithAny } from '../../shared/encryption'

const PURPOSE = 'download'

type Means = Pick<Platform, 'config' | 'clock'>

/** The token in a download URL: the ID of the download, signed. @param expiresAt RFC 3339 */
export async function signDownloadToken({ config }: Means, downloadId: string, expiresAt: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(downloadId)
    .setExpirationTime(new Date(expiresAt))
    .sign(deriveKey(config.encryptionKeys[0], PURPOSE))
}

/** @returns the ID of the download; EXPIRED or INVALID when the token is not one of ours that still holds */
export async function readDownloadToken({ config, clock }: Means, token: string): Promise<{ id: string } | 'EXPIRED' | 'INVALID'> {
  try {
    const options = { algorithms: ['HS256'], currentDate: clock.now(), requiredClaims: ['exp', 'sub'] }
    const { payload } = await openWithAny(
      config.encryptionKeys,
      PURPOSE,
      key => jwtVerify(token, key, options),
      error => error instanceof errors.JWSSignatureVerificationFailed,
    )
    return { id: payload.sub ?? '' }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'EXPIRED'
    if (error instanceof errors.JOSEError) return 'INVALID'
    throw error
  }
}
