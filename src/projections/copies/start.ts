import type { EventLog } from '../../streams/log/event-log.ts'
import type { EventSource } from '../../streams/events/recorded-event.ts'
import type { Database } from '../database/database.ts'
import type { Logger } from '../../streams/logger.ts'
import { backoffMs } from '../../streams/waiting/backoff.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { within } from '../../streams/waiting/within.ts'
import { type SourceStream, sourceStreams } from '../sources/source-streams.ts'
import { type CopySettings, copyStream } from './copy-stream.ts'

export interface CopiesOptions {
  /** Whose commits are copied. */
  aggregates: readonly EventSource[]
  /** The log of each aggregate, by its name; several may share one. */
  logs: ReadonlyMap<string, EventLog>
  /** The first token of every subject. */
  namespace: string
  database: Database
  settings: CopySettings & {
    /** The longest pause between two attempts, in milliseconds. */
    retryMaxMs: number
  }
  logger: Logger
}

export interface Copies {
  /** Ends with the statement in hand; takes ten seconds at most. May be called more than once. */
  stop(): Promise<void>
}

const STOP_PATIENCE_MS = 10_000

/**
 * Copies commits from the logs into PostgreSQL as they come, so that a history can be read from there.
 *
 * Why: JetStream reads a block of 8 MB to find one message of it, and keeps a block only until its next garbage collection.
 * An aggregate's commits are all over the log, so that a history could cost a block a commit: 8 ms of the server's processor
 * each, measured. PostgreSQL reads a page of 8 KB.
 *
 * The log stays what is true. Whatever is missing here is read there, so that nothing waits for a copy, and nothing
 * breaks without one. One process copies a stream, others stand by.
 *
 * @throws TypeError when an aggregate has no log
 */
export function startCopies({
  aggregates,
  logs,
  namespace,
  database,
  settings,
  logger,
}: CopiesOptions): Copies {
  const streams = sourceStreams({ name: 'copies', from: aggregates }, logs, namespace)
  const stopping = new AbortController()

  async function run(stream: SourceStream): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      const began = performance.now()
      try {
        await copyStream(stream, database, settings, stopping.signal)
      } catch (error) {
        if (stopping.signal.aborted) return
        if (performance.now() - began > settings.retryMaxMs) failures = 0
        const reason = error instanceof Error ? error.message : String(error)
        logger.warn(
          { stream: stream.log.stream, reason },
          'copying the log for histories failed and will be tried again; they are read from the log meanwhile',
        )
        await pause(backoffMs(failures++, settings.retryMaxMs), stopping.signal)
      }
    }
  }

  const running = Promise.all(streams.map(run))
  return {
    async stop() {
      stopping.abort(new Error('the copying is stopped'))
      await within(STOP_PATIENCE_MS, running)
    },
  }
}
