import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { type Commit, decodeAnyway, decodeCommit } from '../events/commit.ts'
import { delivered } from './delivered.ts'
import { sequenceBefore } from './lookup.ts'
import { fromConsumer } from '../events/stored-message.ts'

/** Where to begin: after a sequence (0 for the first), at a moment of recording, or with what comes from now on. */
export type StartAt = { after: number } | { time: Date } | 'now'

export interface TailOptions {
  js: JetStreamClient
  jsm: JetStreamManager
  stream: string
  subjects: string[]
  startAt: StartAt
  /** How many messages may be on their way to us, unread. */
  prefetch?: number
  /** A message that is no commit throws, unless it is to be kept: it then comes as a commit that is `malformed`. */
  malformed?: 'throw' | 'keep'
}

/** One commit of a stream, and how many more the server has for the reader behind it. */
export interface Delivery {
  commit: Commit
  pending: number
}

export interface Tail extends AsyncIterable<Delivery> {
  /** The same as iterating, with less work for each: nothing is read on while the handler's promise is open. */
  each(handle: (commit: Commit, pending: number) => Promise<unknown> | undefined): Promise<void>
  close(): Promise<void>
}

/**
 * Follows a stream from a place, in order, without a gap and without an end, over restarts of the server. It keeps no
 * acknowledgements: a reader remembers the position of what it has handled and starts behind it.
 *
 * Decoding happens as the reader asks: a message that is no commit throws there, with its position.
 */
export async function tail(options: TailOptions): Promise<Tail> {
  const { js, jsm, stream, subjects, startAt, prefetch = 1000 } = options
  const decode = options.malformed === 'keep' ? decodeAnyway : decodeCommit
  // Always by sequence: an ordered consumer that is reset before its first message forgets a start by time or "new".
  const after =
    startAt === 'now' || 'time' in startAt
      ? await sequenceBefore(startAt === 'now' ? undefined : startAt.time, { jsm, stream })
      : startAt.after
  const consumer = await js.consumers.get(stream, { filter_subjects: subjects, opt_start_seq: after + 1 })
  // With the library's defaults an ordered consumer notices a restarted server only after 45 s; with these after 3 s.
  const messages = delivered(
    await consumer.consume({ max_messages: prefetch, expires: 5000, idle_heartbeat: 1000 }),
  )
  return {
    async each(handle) {
      for await (const message of messages.read()) {
        const handling = handle(decode(stream, fromConsumer(message)), message.info.pending)
        if (handling) await handling
      }
    },
    async *[Symbol.asyncIterator]() {
      for await (const message of messages.read()) {
        yield { commit: decode(stream, fromConsumer(message)), pending: message.info.pending }
      }
    },
    async close() {
      await messages.close()
      await consumer.delete().catch(alreadyGone)
    },
  }
}

/** An ordered consumer lives in memory for a few minutes at most: not being able to delete it costs nothing. */
const alreadyGone = () => false
