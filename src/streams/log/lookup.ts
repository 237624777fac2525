import type { JetStreamManager } from '@nats-io/jetstream'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { directGet } from './direct-get.ts'
import { LogUnavailableError } from '../log-errors.ts'
import type { Requester } from './requester.ts'
import { type StoredMessage, fromGet } from '../events/stored-message.ts'

/** What is asked of the leader: the stream and the manager's API for it. */
export interface LookupOptions {
  jsm: JetStreamManager
  stream: string
}

/** What is asked of any replica as well. */
export interface ReplicaLookupOptions extends LookupOptions {
  requester: Requester
}

/** The server's answer to a message get, as far as it is read here. */
const LastMessage = z.object({
  message: z.object({ seq: z.int() }).optional(),
  error: z.object({ err_code: z.int().optional(), description: z.string().optional() }).optional(),
})
/** JSNoMessageFoundErr. */
const NO_MESSAGE = 10037

const TIMEOUT_MS = 2000
const PATIENCE_MS = 5000
const PAUSE_MS = 50

/** The last message of a subject, from any replica: cheap, and possibly stale on a replicated stream. */
export function lastOf(
  subject: string,
  { requester, jsm, stream }: ReplicaLookupOptions,
): Promise<StoredMessage | undefined> {
  return retried(async () => {
    const last = await directGet(requester, stream, { last_by_subj: subject })
    return last === 'unreadable' ? await leaderGet(jsm, stream, { last_by_subj: subject }) : last
  })
}

/**
 * The message with a sequence. Any replica may have it; one that is behind does not have it yet, so that only the leader
 * can say that it is not there.
 */
export function messageAt(
  sequence: number,
  { requester, jsm, stream }: ReplicaLookupOptions,
): Promise<StoredMessage | undefined> {
  return retried(async () => {
    const message = await directGet(requester, stream, { seq: sequence })
    return message === undefined || message === 'unreadable'
      ? await leaderGet(jsm, stream, { seq: sequence })
      : message
  })
}

/** The message with a sequence, from the leader; undefined when there is none. */
export function leaderAt(
  sequence: number,
  { jsm, stream }: LookupOptions,
): Promise<StoredMessage | undefined> {
  return retried(() => leaderGet(jsm, stream, { seq: sequence }))
}

/** The last message of a subject, from the leader: never stale. */
export function leaderLastOf(
  subject: string,
  { jsm, stream }: LookupOptions,
): Promise<StoredMessage | undefined> {
  return retried(() => leaderGet(jsm, stream, { last_by_subj: subject }))
}

/**
 * The sequence of the last message of a subject as the leader has it, 0 when there is none. Every refusal rests on it, and every
 * question to the outside: the client library's own get makes two errors with their stacks where there is none.
 */
export function leaderSequenceOf(
  subject: string,
  { requester, stream }: Pick<ReplicaLookupOptions, 'requester' | 'stream'>,
): Promise<number> {
  return retried(async () => {
    const query = JSON.stringify({ last_by_subj: subject })
    const answer = await requester.request(`$JS.API.STREAM.MSG.GET.${stream}`, query, undefined, TIMEOUT_MS)
    if (!answer) throw new Error(`no answer to a message get from ${stream}`)
    const { message, error } = LastMessage.parse(answer.json())
    if (message) return message.seq
    if (error?.err_code === NO_MESSAGE) return 0
    throw new Error(`${stream}: ${error?.description ?? 'the answer to a message get is none'}`)
  })
}

/** The first message of a subject after a sequence, from the leader. */
export function leaderNextOf(
  subject: string,
  after: number,
  { jsm, stream }: LookupOptions,
): Promise<StoredMessage | undefined> {
  return retried(() => leaderGet(jsm, stream, { seq: after + 1, next_by_subj: subject }))
}

/**
 * The sequence of the last message that was recorded before a moment; of the last one that there is when no moment is
 * given or it has not come yet.
 */
export async function sequenceBefore(
  time: Date | undefined,
  { jsm, stream }: LookupOptions,
): Promise<number> {
  // The end first, as the leader has it: what is appended while we look is then behind it, and is not skipped.
  const { state } = await retried(() => jsm.streams.info(stream))
  if (time === undefined || Date.parse(state.last_ts) < time.getTime()) return state.last_seq
  return await retried(async () => {
    const first = await jsm.direct.getMessage(stream, { start_time: time })
    if (!first) throw new Error(`a replica is behind the leader's ${state.last_seq}`)
    return first.seq - 1
  })
}

async function leaderGet(
  jsm: JetStreamManager,
  stream: string,
  query: { seq: number } | { last_by_subj: string } | { seq: number; next_by_subj: string },
): Promise<StoredMessage | undefined> {
  const message = await jsm.streams.getMessage(stream, query)
  return message === null ? undefined : fromGet(message)
}

/** A read changes nothing, so a lost one is simply made again: the restart of a server costs some of these. */
export async function retried<T>(read: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await read()
    } catch (error) {
      if (Date.now() > deadline)
        throw new LogUnavailableError('refused', 'The log did not answer a read', error)
      await delay(PAUSE_MS)
    }
  }
}
