import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'

/** Makes the cursors of rows that the caller may not see, and reads them again, in any process that has the same key. */
export interface SealedCursors {
  /** The same text gives the same cursor, whichever replica is asked. */
  seal(text: string): string
  /** The text; undefined for what was not made with this key. */
  open(cursor: string): string | undefined
}

const CIPHER = 'aes-256-gcm'
/** The first byte; a cursor that is not sealed is JSON, and begins with `[`. */
const FORMAT = 1
const IV_BYTES = 12
const TAG_BYTES = 16
const BODY_AT = 1 + IV_BYTES + TAG_BYTES
/** How long a row's id is would be told by the length; nearly all cursors fit into one of these. */
const BLOCK = 256

/**
 * A cursor is base64url of format, nonce, tag and what AES-256-GCM makes of the text. The nonce is an HMAC of the text (as RFC 5297
 * derives its own from it): another one each time would make every answer another one, and a counter would have to be shared.
 *
 * @param secret that of all cursors of the service: the keys of these are derived from it
 */
export function createSealedCursors(secret: Uint8Array | string): SealedCursors {
  const keyFor = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `headwater list ${purpose}`, 32))
  const [key, nonceKey] = [keyFor('cursor'), keyFor('nonce')]

  return {
    seal(text) {
      const padding = (BLOCK - (Buffer.byteLength(text) % BLOCK)) % BLOCK
      const padded = text + ' '.repeat(padding)
      const iv = createHmac('sha256', nonceKey).update(padded).digest().subarray(0, IV_BYTES)
      const cipher = createCipheriv(CIPHER, key, iv)
      const body = [cipher.update(padded, 'utf8'), cipher.final()]
      return Buffer.concat([Buffer.of(FORMAT), iv, cipher.getAuthTag(), ...body]).toString('base64url')
    },
    open(cursor) {
      const bytes = Buffer.from(cursor, 'base64url')
      if (bytes[0] !== FORMAT || bytes.length < BODY_AT) return undefined
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(1, 1 + IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAuthTag(bytes.subarray(1 + IV_BYTES, BODY_AT))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(BODY_AT)), decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
