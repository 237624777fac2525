import type { Commit } from '../streams/commit.ts'
import type { EventLog } from '../streams/event-log.ts'
import { type EventSource, type RecordedEvent, recordedEvents } from '../streams/recorded-event.ts'
import { eventSubject } from '../streams/subjects.ts'
import type { Gate } from './gate.ts'

/** A past event and where it stands: the sequence is that of its commit. */
export interface HistoryEvent extends RecordedEvent {
  sequence: number
}

/** A point in an aggregate's history: an event's version and the sequence of its commit. */
export interface HistoryPoint {
  version: number
  sequence: number
}

export interface HistoryRange {
  /** Start after this event; from the first one unless given. */
  after?: HistoryPoint | undefined
  /** The most events to read. */
  limit?: number | undefined
  /** The version that is known to exist: a replica of the log that has not come so far is not believed. */
  atLeast?: number | undefined
}

export interface HistoryReader {
  /** The events of an aggregate, oldest first; none when it does not exist. */
  read(aggregate: string, id: string, range?: HistoryRange): Promise<HistoryEvent[]>
}

export interface HistoryReaderOptions {
  sources: ReadonlyMap<string, { log: EventLog; source: EventSource }>
  namespace: string
  gate: Gate
}

/** Reads histories from the logs, a bounded number at a time. */
export function createHistoryReader({ sources, namespace, gate }: HistoryReaderOptions): HistoryReader {
  async function read(
    aggregate: string,
    id: string,
    { after, limit = Number.POSITIVE_INFINITY, atLeast = 0 }: HistoryRange = {},
  ): Promise<HistoryEvent[]> {
    const known = sources.get(aggregate)
    if (!known) throw new TypeError(`No log holds the aggregate ${aggregate}`)
    const { log, source } = known
    const subject = eventSubject(namespace, aggregate, id)
    const events: HistoryEvent[] = []
    let end: HistoryPoint = after ?? { version: 0, sequence: 0 }

    async function take(commits: AsyncGenerator<Commit>): Promise<void> {
      for await (const commit of commits) {
        const { sequence } = commit.position
        for (const event of recordedEvents(source.types, commit)) {
          if (event.version > end.version) events.push({ ...event, sequence })
        }
        end = { version: Math.max(end.version, commit.events.at(-1)?.sequence ?? 0), sequence }
        if (events.length >= limit) return
      }
    }

    // A page may have ended in the middle of a commit, so that commit is read again.
    await take(after ? log.read.since(subject, after.sequence - 1) : log.read.forwards(subject, 1))
    if (events.length < limit && end.version < atLeast) await take(log.read.since(subject, end.sequence))
    return events.slice(0, limit)
  }

  return { read: (aggregate, id, range) => gate.run(() => read(aggregate, id, range)) }
}
