import type { Command, CommandAccepted, CommandReply } from '../../commands/command.ts'
import { type Commit, firstVersion, lastVersion } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { eventSubject } from '../../streams/events/subjects.ts'
import type { SagaEnds } from './ends.ts'
import { courseOf, notCompleted } from './not-completed.ts'

export interface AwaitEndOptions {
  namespace: string
  /** Undefined for an aggregate that is no saga. */
  logOf: (aggregate: string) => EventLog | undefined
  ends: SagaEnds
  /** How long it is waited at most, in milliseconds. */
  timeoutMs: number
  /** How many may wait at a time: more are answered at once. */
  limit: number
  /** Nobody waits any more when this is aborted: all are answered with how their sagas stand. */
  signal: AbortSignal
}

/**
 * Makes the reply to the start of a saga that is to be waited for: accepted when the saga has completed, a 422 with the code of
 * the step that failed when it was undone. When the time is up it is accepted with `saga.status` `running`.
 */
export function createAwaitEnd({ namespace, logOf, ends, timeoutMs, limit, signal }: AwaitEndOptions) {
  let waiting = 0

  return async (command: Command, accepted: CommandAccepted): Promise<CommandReply> => {
    const log = logOf(command.aggregate)
    if (!log || command.name !== 'start') return accepted
    const running = { ...accepted, saga: { status: 'running' } }
    if (waiting >= limit) return running
    waiting++
    const timer = new AbortController()
    const patience = setTimeout(() => timer.abort('over'), timeoutMs)
    const over = AbortSignal.any([signal, timer.signal])
    const whose = { saga: command.aggregate, id: command.id }
    const subject = eventSubject(namespace, command.aggregate, command.id)
    const look = createLook(log, subject)
    const replyOf = async ({ type, commit }: Ending): Promise<CommandReply> =>
      type === 'saga.completed'
        ? {
            ...accepted,
            version: lastVersion(commit),
            position: commit.position,
            saga: { status: 'completed' },
          }
        : notCompleted(command.id, type, await courseOf(log, subject))
    try {
      for (;;) {
        // Asked for first: an end between a look and the question for the next notice would be missed.
        const next = ends.next(whose, over)
        const ending = await look()
        if (ending) return await replyOf(ending)
        if (over.aborted) return running
        await next
      }
    } finally {
      clearTimeout(patience)
      // Lets go of the notice that was asked for and is not waited for any more. With a reason: without one an error is made.
      timer.abort('over')
      waiting--
    }
  }
}

const ENDS = ['saga.completed', 'saga.compensated', 'saga.parked', 'saga.abandoned'] as const

interface Ending {
  type: (typeof ENDS)[number]
  commit: Commit
}

/**
 * Answers how a saga has ended, as often as it is asked; each time it reads what is new in its log. Most sagas that are waited for
 * end with their last commit: that one tells without the others.
 */
function createLook(log: EventLog, subject: string): () => Promise<Ending | undefined> {
  let version = 0
  let ending: Ending | undefined
  return async () => {
    const last = await log.read.last(subject)
    if (!last || lastVersion(last) <= version) return ending
    const tellsAlone = firstVersion(last) === version + 1 || last.events.some(({ type }) => isEnd(type))
    for await (const commit of tellsAlone
      ? [last]
      : log.read.forwards(subject, version + 1, last.position.sequence))
      for (const event of commit.events) ending = endingAfter(event.type, commit, ending)
    version = lastVersion(last)
    return ending
  }
}

/** While it is parked, what its other steps hear still comes into its log; and it may go on from there. */
function endingAfter(type: string, commit: Commit, before: Ending | undefined): Ending | undefined {
  if (isEnd(type)) return { type, commit }
  const goesOn =
    type === 'saga.resumed' || (type === 'saga.step-doubtful' && before?.type === 'saga.compensated')
  return goesOn ? undefined : before
}

function isEnd(type: string): type is Ending['type'] {
  return ENDS.some((one) => one === type)
}
