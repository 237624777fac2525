import type { Msg } from '@nats-io/nats-core'

export type PublishReply =
  | { ok: true; sequence: number }
  | {
      ok: false
      /** Another writer was first. */
      conflict: boolean
      /** The server could not serve it now (no leader, starting up): the same publish may pass later. */
      transient: boolean
      description: string
    }

/** JSStreamWrongLastSequenceErrF, and its form without a number that a replicated stream answers for a write in flight. */
const WRONG_LAST_SEQUENCE = new Set([10071, 10164])

/** Reads the server's answer to a publish into a stream (a PubAck or an API error). */
export function parsePublishReply(message: Msg): PublishReply {
  const body: unknown = message.json()
  if (typeof body !== 'object' || body === null) return unreadable
  if ('seq' in body && typeof body.seq === 'number' && body.seq > 0) return { ok: true, sequence: body.seq }
  if ('error' in body && typeof body.error === 'object' && body.error !== null) {
    const { error } = body
    return {
      ok: false,
      conflict: 'err_code' in error && WRONG_LAST_SEQUENCE.has(Number(error.err_code)),
      transient: 'code' in error && error.code === 503,
      description: 'description' in error ? String(error.description) : 'no reason given',
    }
  }
  return unreadable
}

const unreadable: PublishReply = {
  ok: false,
  conflict: false,
  transient: true,
  description: 'the answer is not a publish acknowledgement',
}
