import type { Msg } from '@nats-io/nats-core'

export type PublishReply =
  | { ok: true; sequence: number }
  | {
      ok: false
      /** Another writer was first, or an earlier attempt of our own whose answer was lost. */
      conflict: boolean
      /** The server could not serve it now (no leader, starting up): the same publish may pass later. */
      transient: boolean
      description: string
    }

/** JSStreamWrongLastSequenceErrF, and its form without a number that a replicated stream answers for a write in flight. */
const WRONG_LAST_SEQUENCE = [10071, 10164]
/** JSAtomicPublishContainsDuplicateMessageErr: what a repeated atomic batch meets when its first attempt is stored. */
const BATCH_IS_STORED = 10201
const CONFLICTS = new Set([...WRONG_LAST_SEQUENCE, BATCH_IS_STORED])
/** JSAtomicPublishIncompleteBatchErr: the connection or the server was lost in the middle of a batch. Nothing is stored. */
const BATCH_IS_INCOMPLETE = 10176

/** JSAtomicPublishTooManyInflight: 50 batches of the stream, or 1,000 of the server, are on their way. Nothing is stored. */
const TOO_MANY_BATCHES = 10210
/** JSStreamDuplicateMessageConflict: an earlier attempt of the same id is proposed and not stored yet. */
const IS_IN_PROCESS = 10158
const LATER = new Set([BATCH_IS_INCOMPLETE, TOO_MANY_BATCHES, IS_IN_PROCESS])

/** JSStreamStoreFailedErrF: a limit of the stream is reached, or the store failed for the moment; its words tell which. */
const STORE_FAILED = 10077
const LIMIT_REACHED = /^maximum \w+/

/** Reads the server's answer to a publish into a stream (a PubAck or an API error). */
export function parsePublishReply(message: Msg): PublishReply {
  const body = parsed(message)
  if (typeof body !== 'object' || body === null) return unreadable
  if ('seq' in body && typeof body.seq === 'number' && body.seq > 0) return { ok: true, sequence: body.seq }
  if ('error' in body && typeof body.error === 'object' && body.error !== null) {
    const { error } = body
    const code = 'err_code' in error ? Number(error.err_code) : 0
    const description = 'description' in error ? String(error.description) : 'no reason given'
    // A log keeps everything: one that is full does not get room by itself, and whoever waits should hear it.
    const isFull = code === STORE_FAILED && LIMIT_REACHED.test(description)
    return {
      ok: false,
      conflict: CONFLICTS.has(code),
      transient: (('code' in error && error.code === 503) || LATER.has(code)) && !isFull,
      description,
    }
  }
  return unreadable
}

function parsed(message: Msg): unknown {
  try {
    return message.json()
  } catch {
    return undefined
  }
}

const unreadable: PublishReply = {
  ok: false,
  conflict: false,
  transient: true,
  description: 'the answer is not a publish acknowledgement',
}
