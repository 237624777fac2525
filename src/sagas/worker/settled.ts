import type { Commit } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { eventSubject } from '../../streams/events/subjects.ts'
import { sagaEvents } from '../machine/events.ts'

/** The attempts whose end is known already, and the version of the definition that the saga goes by. */
export interface SettledSteps {
  /** Undefined for what does not begin as a saga does. */
  readonly version: number | undefined
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
  let version: number | undefined
  for await (const commit of log.read.since(eventSubject(namespace, aggregate, id), 0)) {
    for (const { type, data } of commit.events) {
      if (type === 'saga.started') ({ version } = sagaEvents[type].parse(data))
      const forth = FORTH.find((one) => one === type)
      const back = BACK.find((one) => one === type)
      const kind = forth ?? back
      if (!kind || commit.position.sequence <= position.sequence) continue
      const { step, attempt } = sagaEvents[kind].parse(data)
      settled.add(`${forth ? 'forth' : 'back'} ${step} ${attempt}`)
    }
  }
  return { version, has: (way, step, attempt) => settled.has(`${way} ${step} ${attempt}`) }
}
