import type { Commit } from '../../streams/commit.ts'
import type { EventLog } from '../../streams/event-log.ts'
import { eventSubject } from '../../streams/subjects.ts'
import { sagaEvents } from '../machine/events.ts'

/** The attempts whose end is known already. */
export interface SettledSteps {
  has(way: 'forth' | 'back', step: string, attempt: number): boolean
}

const FORTH = ['saga.step-succeeded', 'saga.step-failed'] as const
const BACK = ['saga.compensation-succeeded', 'saga.compensation-failed'] as const

/**
 * What has been settled since a commit, as the leader knows it. To act once more on what is settled could do what has been
 * undone meanwhile.
 */
export async function settledAfter(
  { aggregate, id, position }: Commit,
  { log, namespace }: { log: EventLog; namespace: string },
): Promise<SettledSteps> {
  const settled = new Set<string>()
  for await (const { events } of log.read.since(eventSubject(namespace, aggregate, id), position.sequence)) {
    for (const { type, data } of events) {
      const forth = FORTH.find((one) => one === type)
      const back = BACK.find((one) => one === type)
      const kind = forth ?? back
      if (!kind) continue
      const { step, attempt } = sagaEvents[kind].parse(data)
      settled.add(`${forth ? 'forth' : 'back'} ${step} ${attempt}`)
    }
  }
  return { has: (way, step, attempt) => settled.has(`${way} ${step} ${attempt}`) }
}
