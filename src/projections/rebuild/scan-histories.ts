import type { Commit } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { openCommitQueue } from '../sources/commit-queue.ts'

/** Commits that are handed on together. */
const BATCH = 1000

/**
 * Reads the histories of some aggregates in one pass over their stream, up to a sequence: what a get for each commit of theirs
 * would take longer for.
 *
 * A server that is behind the leader ends it too early. What follows the last commit that came is to be looked for there.
 *
 * @param subjects of the aggregates; each has a commit
 */
export async function* scanHistories(
  log: EventLog,
  subjects: string[],
  upTo: number,
  signal: AbortSignal,
): AsyncGenerator<Commit[]> {
  const source = { stream: { log, subjects }, after: 0 }
  const queue = await openCommitQueue({ sources: [source], buffer: BATCH * 2 })
  try {
    for (let isOver = false; !isOver;) {
      const commits = await queue.peek(BATCH, signal)
      const wanted = commits.filter(({ position }) => position.sequence <= upTo)
      yield wanted
      queue.drop(commits.length)
      isOver = wanted.length < commits.length || queue.backlog().pending.get(log.stream) === 0
    }
  } finally {
    await queue.close()
  }
}
