import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { BadCursorError, CursorExpiredError } from './errors.ts'
import type { Point, Topic } from './topic.ts'

/** Makes the cursors of subscriptions and reads them again, in any process that has the same key. */
export interface Cursors {
  encode(topic: Topic, point: Point): string
  /**
   * The place that a cursor names.
   * @throws BadCursorError when it was not made with this key, or for another topic
   * @throws CursorExpiredError when it is of a stream that has been made anew since
   */
  decode(topic: Topic, cursor: string): Point
}

const FORMAT = 1
const TOPIC_BYTES = 12
const STREAM_BYTES = 8
const BODY_BYTES = 1 + TOPIC_BYTES + STREAM_BYTES + 8 + 4
/** HMAC-SHA256 cut to 128 bits, as RFC 2104, section 5 allows: nobody can try 2^64 of them here. */
const MAC_BYTES = 16

/**
 * A cursor is base64url of a body and its HMAC. The body: format, a hash of the topic, a hash of when the stream was made, the
 * sequence, and the index in the commit plus one (0 for the whole of it); big-endian.
 */
export function createCursors(key: Uint8Array | string): Cursors {
  const macOf = (body: Uint8Array) => createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES)

  return {
    encode(topic, { sequence, index }) {
      const body = Buffer.alloc(BODY_BYTES)
      body.writeUInt8(FORMAT, 0)
      hash(topic.identity, TOPIC_BYTES).copy(body, 1)
      hash(topic.log.created, STREAM_BYTES).copy(body, 1 + TOPIC_BYTES)
      body.writeBigUInt64BE(BigInt(sequence), 1 + TOPIC_BYTES + STREAM_BYTES)
      body.writeUInt32BE(index === undefined ? 0 : index + 1, BODY_BYTES - 4)
      return Buffer.concat([macOf(body), body]).toString('base64url')
    },
    decode(topic, cursor) {
      const bytes = Buffer.from(cursor, 'base64url')
      // Decoding passes over what is no base64url: only the one way to write it is taken.
      if (bytes.length !== MAC_BYTES + BODY_BYTES || bytes.toString('base64url') !== cursor) throw garbage()
      const body = bytes.subarray(MAC_BYTES)
      if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(body)) || body.readUInt8(0) !== FORMAT)
        throw garbage()
      if (!body.subarray(1, 1 + TOPIC_BYTES).equals(hash(topic.identity, TOPIC_BYTES)))
        throw new BadCursorError(
          'is a cursor of another subscription, or of other arguments; start without one',
        )
      const stream = body.subarray(1 + TOPIC_BYTES, 1 + TOPIC_BYTES + STREAM_BYTES)
      if (!stream.equals(hash(topic.log.created, STREAM_BYTES))) throw new CursorExpiredError()
      const index = body.readUInt32BE(BODY_BYTES - 4)
      return {
        sequence: Number(body.readBigUInt64BE(1 + TOPIC_BYTES + STREAM_BYTES)),
        index: index === 0 ? undefined : index - 1,
      }
    },
  }
}

const garbage = () => new BadCursorError('is not a cursor of this service; take one from a payload')

const hash = (text: string, bytes: number) => createHash('sha256').update(text).digest().subarray(0, bytes)
