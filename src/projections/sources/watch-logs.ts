import { checkLog } from './check-log.ts'
import { LogMismatchError } from '../errors.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { SourceStream } from './source-streams.ts'
import type { Made } from './streams-now.ts'

const PROBE_MS = 2000

export interface WatchOptions {
  projection: string
  streams: SourceStream[]
  /** When they were made, as of the checkpoint. */
  made: Made
  /** The sequence applied of a stream. */
  applied: (stream: string) => number
  /** How a look at the logs went: an error, or undefined when all is well. */
  report: (error: unknown) => void
  signal: AbortSignal
}

/**
 * Looks at the logs now and then. The tails go on by themselves after a server's restart and say nothing meanwhile: this
 * is what tells an unreachable log from a quiet one. Throws LogMismatchError when a log was put back behind the
 * checkpoint, or made anew; ends with the signal.
 */
export async function watchLogs({
  projection,
  streams,
  made,
  applied,
  report,
  signal,
}: WatchOptions): Promise<void> {
  for (;;) {
    await pause(PROBE_MS, signal)
    if (signal.aborted) return
    try {
      for (const stream of streams) {
        const { log } = stream
        const created = made.get(log.stream) ?? log.created
        await checkLog(projection, stream, { sequence: applied(log.stream), created })
      }
      report(undefined)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof LogMismatchError) throw error
      report(error)
    }
  }
}
