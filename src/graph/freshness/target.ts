import type { Position } from '../../streams/events/commit.ts'
import { eventSubjects } from '../../streams/events/subjects.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import type { ProjectionSource } from './projection-source.ts'

/**
 * Answers where a projection stands when its rows know of a position. In a stream that it shares with aggregates that it does not read
 * it never comes to their commits: it is then as far as it can be at the last of its own before them.
 */
export type TargetOf = (projection: ProjectionSource, wanted: Position) => Promise<Position>

/** @param sources the log of each aggregate that is known here, by the aggregate's name */
export function createTargets(sources: ReadonlyMap<string, { log: EventLog }>, namespace: string): TargetOf {
  return async ({ from }, wanted) => {
    const together = [...sources].filter(([, { log }]) => log.stream === wanted.stream)
    const log = together[0]?.[1].log
    const own = from.map(({ name }) => name).filter((name) => together.some(([one]) => one === name))
    if (!log || own.length === together.length) return wanted
    // The end first: what is found of its own after that is all that there is up to there. Both from the leader, since a copy may lack some.
    const end = await log.leaderSequence(eventSubjects(namespace, '*'))
    if (end < wanted.sequence) return wanted
    const last = await Promise.all(own.map((name) => log.leaderSequence(eventSubjects(namespace, name))))
    return { stream: wanted.stream, sequence: Math.min(wanted.sequence, Math.max(0, ...last)) }
  }
}
