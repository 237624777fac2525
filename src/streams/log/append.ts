import { type MsgHdrs, type NatsConnection, headers } from '@nats-io/nats-core'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { COMMIT_CONTENT_TYPE, type CloudEvent } from '../events/cloud-event.ts'
import { CommitTooLargeError, ConflictError, LogUnavailableError } from '../log-errors.ts'
import { type PublishReply, parsePublishReply } from './publish-reply.ts'
import type { Requester } from './requester.ts'

/** Events that are to follow what `expected` names, for one aggregate. */
export interface Draft {
  subject: string
  /** The sequence of the aggregate's last commit, 0 when it must have none. */
  expected: number
  events: CloudEvent[]
}

export interface AppendOptions {
  nc: NatsConnection
  requester: Requester
  /** How long to go on trying, in milliseconds. */
  timeoutMs: number
  /**
   * The message that follows `after` on the subject, as the leader has it. It tells apart, after an attempt whose answer
   * was lost, our own commit from that of another writer.
   */
  findNext: (
    subject: string,
    after: number,
  ) => Promise<{ sequence: number; messageId: string | undefined } | undefined>
}

const HEADERS_ALLOWANCE = 512
const FIRST_ATTEMPT_MS = 2000
const UNCONFIRMED =
  'The log did not confirm the commit in time; it may or may not be stored. Send the command again with the same Command-Id'

/**
 * Makes one commit durable and answers its sequence. Safe to repeat: each attempt carries the same `Nats-Msg-Id` and
 * the same expectation, so that at most one of them is stored.
 *
 * @throws ConflictError when another writer was first, LogUnavailableError when no answer came within `timeoutMs`,
 *   CommitTooLargeError when it exceeds the server's `max_payload`.
 */
export async function append(draft: Draft, options: AppendOptions): Promise<number> {
  const { nc, findNext } = options
  const messageId = randomUUID()
  const payload = encode(nc, draft.events)
  const head = commitHeaders(messageId, draft.expected)
  const reply = await publishUntilAnswered(draft.subject, payload, head, options)
  if (reply.ok) return reply.sequence
  // A lost answer looks like this too: a repeated publish on an R1 stream meets its own first attempt. R3 says `duplicate`.
  const next = await findNext(draft.subject, draft.expected).catch(outcomeUnknown)
  if (next?.messageId === messageId) return next.sequence
  throw new ConflictError(draft.subject, draft.expected)
}

/** After an attempt that nobody has answered, a refusal of the next says nothing of that one: it may yet be stored. */
function refused(description: string, isRepeated: boolean): LogUnavailableError {
  return isRepeated
    ? new LogUnavailableError('unknown', `${UNCONFIRMED}. The last answer was: ${description}`)
    : new LogUnavailableError('refused', `The log refused the commit: ${description}`)
}

/** Without that look it cannot be said whose commit the log holds: ours, from an attempt whose answer was lost, or another's. */
function outcomeUnknown(cause: unknown): never {
  throw new LogUnavailableError('unknown', UNCONFIRMED, cause)
}

/**
 * Makes the commits of several aggregates durable together: all or none, in the order given.
 * The stream needs `allow_atomic`. About 1 ms on one file-backed replica, whatever the size; use `append` for one aggregate.
 * nats-server takes 1,000 messages a batch, and 50 batches of a stream at a time, unless configured otherwise
 * (`max_batch_size`, `max_batch_inflight_per_stream`): past the one it refuses, past the other this waits its turn.
 *
 * @returns the sequence of each draft's commit
 * @throws as `append` does; a RangeError when two drafts name the same aggregate
 */
export async function appendAtomic(
  drafts: Draft[],
  { nc, requester, timeoutMs, findNext }: AppendOptions,
): Promise<number[]> {
  if (new Set(drafts.map(({ subject }) => subject)).size < drafts.length) {
    throw new RangeError('An atomic append takes each aggregate once: join its events in one draft')
  }
  const messages = drafts.map((draft) => ({
    ...draft,
    messageId: randomUUID(),
    payload: encode(nc, draft.events),
  }))
  const first = messages[0]
  const last = messages.at(-1)
  if (!first || !last) return []
  const deadline = Date.now() + timeoutMs
  for (let attempt = 0; ; attempt++) {
    const batch = randomUUID()
    for (const [index, message] of messages.slice(0, -1).entries()) {
      // On a closed connection this throws; what follows then has no answer, and says so.
      if (nc.isClosed() || nc.isDraining()) break
      nc.publish(message.subject, message.payload, { headers: batchHeaders(message, batch, index + 1) })
    }
    const head = batchHeaders(last, batch, messages.length)
    head.set('Nats-Batch-Commit', '1')
    const reply = await publishOnce(
      requester,
      last.subject,
      last.payload,
      head,
      attemptTimeout(attempt, deadline),
    )
    if (reply?.ok) return messages.map((_, index) => reply.sequence - (messages.length - 1 - index))
    // One commit of ours tells for all: they are stored together and side by side, or not at all.
    if (!reply || reply.conflict) {
      const next = await findNext(first.subject, first.expected).catch(reply ? outcomeUnknown : unanswered)
      if (next?.messageId === first.messageId) return messages.map((_, index) => next.sequence + index)
      if (reply?.conflict) throw new ConflictError(first.subject, first.expected)
    } else {
      throw refused(reply.description, attempt > 0)
    }
    await pauseBeforeNext(nc, attempt, deadline)
  }
}

const unanswered = () => undefined

/** What the server says: stored, or a conflict. Throws what is refused otherwise. */
async function publishUntilAnswered(
  subject: string,
  payload: string,
  head: MsgHdrs,
  { nc, requester, timeoutMs }: AppendOptions,
): Promise<PublishReply> {
  const deadline = Date.now() + timeoutMs
  for (let attempt = 0; ; attempt++) {
    const reply = await publishOnce(requester, subject, payload, head, attemptTimeout(attempt, deadline))
    if (reply && !reply.ok && !reply.conflict) throw refused(reply.description, attempt > 0)
    if (reply) return reply
    await pauseBeforeNext(nc, attempt, deadline)
  }
}

/** The server's answer, or undefined when none came: what became of the message is then unknown. */
async function publishOnce(
  requester: Requester,
  subject: string,
  payload: string,
  head: MsgHdrs,
  timeoutMs: number,
): Promise<PublishReply | undefined> {
  const answer = await requester.request(subject, payload, head, timeoutMs)
  const reply = answer && parsePublishReply(answer)
  return reply && !reply.ok && reply.transient ? undefined : reply
}

function attemptTimeout(attempt: number, deadline: number): number {
  const patience = attempt === 0 ? FIRST_ATTEMPT_MS : FIRST_ATTEMPT_MS / 2
  return Math.max(50, Math.min(patience, deadline - Date.now()))
}

async function pauseBeforeNext(nc: NatsConnection, attempt: number, deadline: number): Promise<void> {
  const pause = Math.min(25 * 2 ** attempt, 500)
  if (nc.isClosed() || Date.now() + pause >= deadline) {
    throw new LogUnavailableError('unknown', UNCONFIRMED)
  }
  await delay(pause)
}

function encode(nc: NatsConnection, events: CloudEvent[]): string {
  const payload = JSON.stringify(events)
  const limit = nc.info?.max_payload ?? Number.POSITIVE_INFINITY
  const bytes = Buffer.byteLength(payload) + HEADERS_ALLOWANCE
  if (bytes > limit) throw new CommitTooLargeError(bytes, limit)
  return payload
}

function commitHeaders(messageId: string, expected: number): MsgHdrs {
  const head = headers()
  head.set('Nats-Msg-Id', messageId)
  head.set('Nats-Expected-Last-Subject-Sequence', `${expected}`)
  head.set('Content-Type', COMMIT_CONTENT_TYPE)
  return head
}

function batchHeaders(
  message: { messageId: string; expected: number },
  batch: string,
  index: number,
): MsgHdrs {
  const head = commitHeaders(message.messageId, message.expected)
  head.set('Nats-Batch-Id', batch)
  head.set('Nats-Batch-Sequence', `${index}`)
  return head
}
