import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Semaphore } from 'async-mutex'

/**
 * 16 MiB and about 40 ms a passcode on one core. Not more: passcodes are handed over by the hundred thousand, serve for one activation,
 * and whoever guesses is locked out by the portal.
 */
const COST = { N: 2 ** 14, r: 8, p: 1 }
const KEY_BYTES = 32
/** Of Node's four threads, which also look up names and read files for everybody else. */
const atOnce = new Semaphore(2)

/** Hashes an activation passcode for the database, as `scrypt$<salt>$<key>` in base64url. */
export async function hashPasscode(passcode: string): Promise<string> {
  const salt = randomBytes(16)
  return `scrypt$${salt.toString('base64url')}$${(await deriveKey(passcode, salt)).toString('base64url')}`
}

export async function verifyPasscode(passcode: string, hash: string): Promise<boolean> {
  const [, salt = '', key = ''] = hash.split('$')
  const expected = Buffer.from(key, 'base64url')
  const derived = await deriveKey(passcode, Buffer.from(salt, 'base64url'))
  return expected.length === derived.length && timingSafeEqual(expected, derived)
}

function deriveKey(passcode: string, salt: Buffer): Promise<Buffer> {
  const derive = () =>
    new Promise<Buffer>((resolve, reject) => {
      scrypt(passcode.normalize('NFKC'), salt, KEY_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)))
    })
  return atOnce.runExclusive(derive)
}
