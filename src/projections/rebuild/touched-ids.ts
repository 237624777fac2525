import type { EventLog } from '../../streams/log/event-log.ts'
import { NotRebuildableError } from '../jobs/errors.ts'
import type { JobRun } from '../jobs/run.ts'
import { openCommitQueue } from '../sources/commit-queue.ts'
import { ends } from './replay.ts'

/** Where a partial rebuild begins. */
export type From = { sequence: number } | { time: string }

/** Their ids are held in memory; past that a whole rebuild is no more work. */
const MOST_AGGREGATES = 1_000_000
const BATCH = 2000

/**
 * The ids of the aggregates with an event since then, in order.
 * @throws NotRebuildableError when there are too many
 */
export async function touchedIds(run: JobRun, from: From): Promise<string[]> {
  const { projection, streams, report, signal } = run
  report({ phase: 'looking for aggregates' })
  const targets = await ends(streams)
  const sources = await Promise.all(
    streams.map(async (stream) => ({ stream, after: await startOf(stream.log, from) })),
  )
  const ids = new Set<string>()
  const positions = new Map(sources.map(({ stream, after }) => [stream.log.stream, after]))
  // What is no commit is parked, or halts the projection: either way it is not for here to end at.
  const queue = await openCommitQueue({ sources, buffer: BATCH * 4, malformed: 'keep' })
  try {
    while ([...targets].some(([stream, target]) => (positions.get(stream) ?? 0) < target)) {
      const commits = await queue.peek(BATCH, signal)
      for (const { id, position } of commits) {
        ids.add(id)
        positions.set(position.stream, position.sequence)
      }
      queue.drop(commits.length)
      report({ left: queue.backlog().events })
      if (ids.size <= MOST_AGGREGATES) continue
      throw new NotRebuildableError(
        projection.name,
        `more than ${MOST_AGGREGATES.toLocaleString('en')} aggregates have events since then; rebuild it as a whole`,
      )
    }
  } finally {
    await queue.close()
  }
  return [...ids].sort()
}

async function startOf(log: EventLog, from: From): Promise<number> {
  return 'time' in from ? await log.sequenceBefore(new Date(from.time)) : from.sequence - 1
}
