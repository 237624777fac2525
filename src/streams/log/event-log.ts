import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { type AggregateReader, createAggregateReader } from './aggregate-reader.ts'
import { type Draft, append, appendAtomic } from './append.ts'
import { leaderAt, leaderNextOf, leaderSequenceOf, retried, sequenceBefore } from './lookup.ts'
import { type LogSpec, provisionLog } from '../provision/provision-log.ts'
import { provisioned } from '../provision/provisioned.ts'
import { createRequester } from './requester.ts'
import type { StreamDifference } from '../provision/stream-mismatch.ts'
import { eventSubjects, parseEventSubject } from '../events/subjects.ts'
import { type Tail, type TailOptions, tail } from './tail.ts'

/** One context's log: a JetStream stream, one subject an aggregate, one message a commit. */
export interface EventLog {
  readonly stream: string
  /** When the stream was made, as the server said it when the log was opened. */
  readonly created: string
  readonly read: AggregateReader
  /** Makes a commit durable and answers its sequence; see `append`. */
  append(draft: Draft): Promise<number>
  /** Makes the commits of several aggregates durable together; see `appendAtomic`. */
  appendAtomic(drafts: Draft[]): Promise<number[]>
  /** The sequence of an aggregate's last commit as the leader has it, 0 when there is none. */
  leaderSequence(subject: string): Promise<number>
  /** Follows the stream, or the given subjects in it, in order and without end. */
  tail(
    options: Omit<TailOptions, 'js' | 'jsm' | 'stream' | 'subjects'> & { subjects?: string[] },
  ): Promise<Tail>
  /** The sequence of the last commit that was recorded before a moment, whichever aggregate's; 0 for none. */
  sequenceBefore(time: Date): Promise<number>
  /** When the message at a sequence was recorded, as the leader has it, in milliseconds since 1970; undefined for none. */
  recordedAt(sequence: number): Promise<number | undefined>
  /** The stream's first and last sequence now, how many between them are gone, and when it was made. */
  bounds(): Promise<Bounds>
}

/** What a stream holds at a moment. `created` is another than the log's own once the stream was made anew under an open log. */
interface Bounds {
  first: number
  last: number
  deleted: number
  created: string
}

export interface OpenLogOptions {
  nc: NatsConnection
  spec: LogSpec
  /** How long an append goes on trying, in milliseconds. */
  appendTimeoutMs: number
  onMigration: (differences: StreamDifference[]) => void
}

const READ_TIMEOUT_MS = 2000

/** Opens a context's log, and provisions its stream. Throws what `provisionLog` throws. */
export async function openEventLog(options: OpenLogOptions): Promise<EventLog> {
  const { nc, spec, appendTimeoutMs, onMigration } = options
  const jsm = await managerOf(nc)
  const { created } = await provisionLog(jsm, spec, onMigration)
  const { name, subjects } = spec
  return logOf({ nc, jsm, stream: name, subjects, created, appendTimeoutMs })
}

/**
 * The logs that there are under a namespace, by the aggregate types in them, for those who only look: nothing is made
 * or changed, and no context needs to be known.
 */
export async function findEventLogs(nc: NatsConnection, namespace: string): Promise<Map<string, EventLog>> {
  const jsm = await managerOf(nc)
  const logs = new Map<string, EventLog>()
  const found = await provisioned('the list of streams', () =>
    Array.fromAsync(jsm.streams.list(eventSubjects(namespace, '*'))),
  )
  for (const { config, created } of found) {
    const { name, subjects } = config
    const log = logOf({ nc, jsm, stream: name, subjects, created, appendTimeoutMs: READ_TIMEOUT_MS })
    for (const subject of subjects) logs.set(parseEventSubject(subject).aggregate, log)
  }
  return logs
}

async function managerOf(nc: NatsConnection): Promise<JetStreamManager> {
  return await jetstreamManager(nc, { timeout: READ_TIMEOUT_MS, checkAPI: false })
}

interface LogParts {
  nc: NatsConnection
  jsm: JetStreamManager
  stream: string
  subjects: string[]
  created: string
  appendTimeoutMs: number
}

function logOf({ nc, jsm, stream, subjects: all, created, appendTimeoutMs }: LogParts): EventLog {
  const js: JetStreamClient = jetstream(nc, { timeout: READ_TIMEOUT_MS })
  const lookup = { jsm, stream }
  const requester = createRequester(nc)
  const appending = {
    nc,
    requester,
    timeoutMs: appendTimeoutMs,
    async findNext(subject: string, after: number) {
      const message = await leaderNextOf(subject, after, lookup)
      return message && { sequence: message.sequence, messageId: message.header('Nats-Msg-Id') }
    },
  }
  return {
    stream,
    created,
    read: createAggregateReader({ nc, requester, ...lookup }),
    append: (draft) => append(draft, appending),
    appendAtomic: (drafts) => appendAtomic(drafts, appending),
    leaderSequence: (subject) => leaderSequenceOf(subject, { requester, stream }),
    tail: ({ subjects = all, ...options }) => tail({ js, jsm, stream, subjects, ...options }),
    sequenceBefore: (time) => sequenceBefore(time, lookup),
    recordedAt: async (sequence) => (await leaderAt(sequence, lookup))?.recordedAt,
    async bounds() {
      const { state, created: now } = await retried(() => jsm.streams.info(stream))
      return { first: state.first_seq, last: state.last_seq, deleted: state.num_deleted ?? 0, created: now }
    },
  }
}
