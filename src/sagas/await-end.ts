import type { Command, CommandAccepted, CommandReply } from '../commands/command.ts'
import { problem } from '../commands/problem.ts'
import type { Commit } from '../streams/commit.ts'
import type { EventLog } from '../streams/event-log.ts'
import { eventSubject } from '../streams/subjects.ts'
import { sagaEvents } from './machine/events.ts'
import type { SagaEnds } from './worker/ends.ts'

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
    const patience = setTimeout(() => timer.abort(), timeoutMs)
    const over = AbortSignal.any([signal, timer.signal])
    const whose = { saga: command.aggregate, id: command.id }
    const subject = eventSubject(namespace, command.aggregate, command.id)
    try {
      for (;;) {
        // Asked for first: an end between a look and the question for the next notice would be missed.
        const next = ends.next(whose, over)
        const last = await log.read.last(subject)
        const end = last && endOf(last)
        if (last && end) return await replyOf(end, last, accepted, { log, subject })
        if (over.aborted) return running
        await next
      }
    } finally {
      clearTimeout(patience)
      waiting--
    }
  }
}

const ENDS = ['saga.completed', 'saga.compensated', 'saga.parked', 'saga.abandoned'] as const
type End = (typeof ENDS)[number]

function endOf({ events }: Commit): End | undefined {
  const types = events.map(({ type }) => type)
  return ENDS.find((end) => types.includes(end) && !types.slice(types.indexOf(end)).includes('saga.resumed'))
}

async function replyOf(
  end: End,
  last: Commit,
  accepted: CommandAccepted,
  { log, subject }: { log: EventLog; subject: string },
): Promise<CommandReply> {
  if (end === 'saga.completed') {
    const version = last.events.at(-1)?.sequence ?? accepted.version
    return { ...accepted, version, position: last.position, saga: { status: 'completed' } }
  }
  const compensated: string[] = []
  let failed: { step?: string; reason?: { code: string; detail: string } } = {}
  for await (const { events } of log.read.forwards(subject, 1)) {
    for (const { type, data } of events) {
      if (type === 'saga.compensation-succeeded') compensated.push(sagaEvents[type].parse(data).step)
      if (type === 'saga.compensating') {
        const { step, reason } = sagaEvents[type].parse(data)
        failed = { reason, ...(step !== undefined && { step }) }
      }
      if (type === 'saga.parked') {
        const { step, failure, code } = sagaEvents[type].parse(data)
        failed = { step, reason: { code, detail: `${failure.code}: ${failure.detail}` } }
      }
      if (type === 'saga.abandoned') failed = { reason: sagaEvents[type].parse(data).reason }
    }
  }
  const { step, reason } = failed
  const status = end.slice('saga.'.length)
  const undone = compensated.length > 0 ? `; undone: ${compensated.join(', ')}` : ''
  return {
    ...problem({
      status: 422,
      code: reason?.code ?? 'SAGA_NOT_COMPLETED',
      detail: `The saga is ${status}${step === undefined ? '' : `, for its step ${step} failed`}: ${reason?.detail ?? 'no reason given'}${undone}`,
    }),
    saga: { status, ...(step !== undefined && { step }), compensated },
  }
}
