import type { CloudEvent } from './cloud-event.ts'
import { HeadwaterError } from '../errors.ts'
import type { StoredMessage } from './stored-message.ts'
import { parseEventSubject } from './subjects.ts'

/** A place in a log: a stream's name and a sequence in it. */
export interface Position {
  stream: string
  sequence: number
}

/** What one append made durable: all of it or nothing, in one message. */
export interface Commit {
  position: Position
  aggregate: string
  id: string
  /** When the server recorded it, in milliseconds since 1970. */
  recordedAt: number
  /** The sequence of the aggregate's commit before this one, 0 for the first; undefined when the writer did not say. */
  readonly previous: number | undefined
  /** The length of its body, in characters. */
  size: number
  events: CloudEvent[]
  /** What is wrong with it, where it was asked for whatever it is; it then has no events. */
  malformed?: MalformedCommitError
}

export class MalformedCommitError extends HeadwaterError {
  readonly position: Position
  constructor(position: Position, reason: string) {
    super({
      code: 'MALFORMED_COMMIT',
      status: 500,
      detail: `The message at ${position.stream} ${position.sequence} is not a commit: ${reason}`,
    })
    this.position = position
  }
}

/**
 * Decodes a message of the stream into a commit.
 * @throws MalformedCommitError when another program wrote something else there; it names the position.
 */
export function decodeCommit(stream: string, message: StoredMessage): Commit {
  const commit = decodeAnyway(stream, message)
  if (commit.malformed) throw commit.malformed
  return commit
}

/** The same for a reader that has a place for what is no commit. */
export function decodeAnyway(stream: string, message: StoredMessage): Commit {
  return new StoredCommit(stream, message)
}

/** A rebuild makes a million of these: what few readers ask for is worked out when they do. */
class StoredCommit implements Commit {
  readonly position: Position
  readonly aggregate: string
  readonly id: string
  readonly recordedAt: number
  readonly size: number
  readonly events: CloudEvent[]
  readonly malformed?: MalformedCommitError
  readonly #message: StoredMessage

  constructor(stream: string, message: StoredMessage) {
    const body = message.text()
    const { aggregate, id } = parseEventSubject(message.subject)
    this.position = { stream, sequence: message.sequence }
    this.aggregate = aggregate
    this.id = id
    this.recordedAt = message.recordedAt
    this.size = body.length
    this.#message = message
    try {
      this.events = decodeEvents(this.position, body)
    } catch (error) {
      if (!(error instanceof MalformedCommitError)) throw error
      this.events = []
      this.malformed = error
    }
  }

  get previous(): number | undefined {
    const previous = this.#message.header('Nats-Expected-Last-Subject-Sequence')
    return previous === undefined ? undefined : Number(previous)
  }
}

/** The aggregate's version after this commit. */
export function lastVersion(commit: Pick<Commit, 'events'>): number {
  return commit.events.at(-1)?.sequence ?? 0
}

/** The version of the commit's first event. */
export function firstVersion(commit: Pick<Commit, 'events'>): number {
  return commit.events[0]?.sequence ?? 0
}

/** The events in the body of a commit. Throws MalformedCommitError when it is none; `position` is what that names. */
export function decodeEvents(position: Position, text: string): CloudEvent[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new MalformedCommitError(position, 'its body is not JSON')
  }
  if (!Array.isArray(value) || value.length === 0) {
    throw new MalformedCommitError(position, 'its body is not a JSON array with at least one event')
  }
  const events: unknown[] = value
  return events.map((event) => {
    if (!isCloudEvent(event))
      throw new MalformedCommitError(position, 'it holds something that is not a CloudEvent')
    return event
  })
}

/** The attributes that reading relies on; the others are carried along as they are. */
function isCloudEvent(value: unknown): value is CloudEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'type' in value &&
    typeof value.type === 'string' &&
    'sequence' in value &&
    typeof value.sequence === 'number' &&
    Number.isSafeInteger(value.sequence) &&
    value.sequence > 0 &&
    'time' in value &&
    isTime(value.time) &&
    'data' in value &&
    IDENTIFIERS.every((name) => isTextOrNothing(Reflect.get(value, name)))
  )
}

const IDENTIFIERS = ['correlationid', 'causationid', 'commandid'] as const
/**
 * https://www.rfc-editor.org/rfc/rfc3339#section-5.6, with four digits for the year as everywhere here. Whatever fits is a time to
 * `Date.parse`, which would cost a rebuild more than the rest of the check.
 */
const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

const isTime = (value: unknown) => typeof value === 'string' && TIME.test(value)

const isTextOrNothing = (value: unknown) => value === undefined || typeof value === 'string'
