import type { CopiedCommit, CopiesReader } from '../../projections/copies/read.ts'
import { lastVersion } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { type EventSource, type RecordedEvent, recordedEvent } from '../../streams/events/recorded-event.ts'
import { eventSubject } from '../../streams/events/subjects.ts'
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
  /**
   * A version that is enough: what comes later is not looked for, though it may be in the answer. Without it the answer goes to
   * the end of the log, which has to be asked for it.
   */
  enough?: number | undefined
}

export interface HistoryReader {
  /** The events of an aggregate, oldest first; none when it does not exist. */
  read(aggregate: string, id: string, range?: HistoryRange): Promise<HistoryEvent[]>
}

export interface HistoryReaderOptions {
  sources: ReadonlyMap<string, { log: EventLog; source: EventSource }>
  namespace: string
  gate: Gate
  /** Where histories are looked for before the log is asked. */
  copies: CopiesReader
}

/**
 * Reads histories, a bounded number at a time: from the copies in PostgreSQL as far as these go without a gap, and what is not
 * there from the logs.
 */
export function createHistoryReader({
  sources,
  namespace,
  gate,
  copies,
}: HistoryReaderOptions): HistoryReader {
  async function read(
    aggregate: string,
    id: string,
    { after, limit = Number.POSITIVE_INFINITY, atLeast = 0, enough }: HistoryRange = {},
  ): Promise<HistoryEvent[]> {
    const known = sources.get(aggregate)
    if (!known) throw new TypeError(`No log holds the aggregate ${aggregate}`)
    const { log, source } = known
    const subject = eventSubject(namespace, aggregate, id)
    const events: HistoryEvent[] = []
    let end: HistoryPoint = after ?? { version: 0, sequence: 0 }

    function add(commit: CopiedCommit): void {
      const { sequence } = commit.position
      for (const event of commit.events) {
        if (event.sequence > end.version)
          events.push({ ...recordedEvent(source.types, event, commit), sequence })
      }
      end = { version: Math.max(end.version, lastVersion(commit)), sequence }
    }

    async function take(commits: AsyncGenerator<CopiedCommit>): Promise<void> {
      for await (const commit of commits) {
        add(commit)
        if (events.length >= limit) return
      }
    }

    // They only save time: when the database does not answer, the log does.
    const copied = await copies
      .read({ log, aggregate, id, after: end.version, limit })
      .catch((): CopiedCommit[] => [])
    for (const commit of copied) add(commit)
    const isEnough = enough !== undefined && end.version >= enough
    if (events.length >= limit || isEnough) return events.slice(0, limit)

    // A page may have ended in the middle of a commit, so that commit is read again.
    const isPage = after !== undefined && copied.length === 0
    await take(
      isPage ? log.read.since(subject, after.sequence - 1) : log.read.forwards(subject, end.version + 1),
    )
    if (events.length < limit && end.version < atLeast) await take(log.read.since(subject, end.sequence))
    return events.slice(0, limit)
  }

  return { read: (aggregate, id, range) => gate.run(() => read(aggregate, id, range)) }
}
