import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A key and a certificate for it, both PEM, that nobody but who made them trusts: for localhost and 127.0.0.1, valid for a day. */
export function selfSignedCertificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(ECDSA_WITH_SHA256)
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('localhost')))))
  const validity = sequence(...[-3_600_000, 86_400_000].map(fromNowMs => time(new Date(Date.now() + fromNowMs))))
  const alternativeNames = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
  const extensions = der(0xa3, sequence(sequence(SUBJECT_ALTERNATIVE_NAME, der(0x04, alternativeNames))))
  const version = der(0xa0, der(0x02, Buffer.from([2])))
  const serialNumber = der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)]))
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' })
  const certified = sequence(version, serialNumber, algorithm, name, validity, name, keyInfo, extensions)
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', certified, privateKey)]))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(sequence(certified, algorithm, signature)),
  }
}

const ECDSA_WITH_SHA256 = der(0x06, Buffer.from('2a8648ce3d040302', 'hex'))
const COMMON_NAME = der(0x06, Buffer.from('550403', 'hex'))
const SUBJECT_ALTERNATIVE_NAME = der(0x06, Buffer.from('551d11', 'hex'))

/** One value in ASN.1's distinguished encoding; 64 kB at most. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const header = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(header), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`))
}

function pem(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}
