import { type Problem, problem } from '../../commands/problem.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { sagaEvents } from '../machine/events.ts'

/** The start was accepted: a title that says that the command was refused would be wrong. */
const TITLES = {
  'saga.compensated': 'The saga was undone',
  'saga.parked': 'The saga is parked',
  'saga.abandoned': 'The saga was given up',
} as const

/** What went wrong in a saga, and what was undone of it. */
export interface FailedCourse {
  step?: string
  reason?: { code: string; detail: string }
  compensated: string[]
}

/** Reads it from the saga's log. */
export async function courseOf(log: EventLog, subject: string): Promise<FailedCourse> {
  const compensated: string[] = []
  let failed: Omit<FailedCourse, 'compensated'> = {}
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
  return { ...failed, compensated }
}

/** The reply to who has waited for a saga that did not complete: a 422 with the code of what went wrong. */
export function notCompleted(
  id: string,
  type: keyof typeof TITLES,
  { step, reason, compensated }: FailedCourse,
): Problem {
  const status = type.slice('saga.'.length)
  const failed = step === undefined ? '' : `, for its step ${step} failed`
  const undone = compensated.length > 0 ? `; undone: ${compensated.join(', ')}` : ''
  const wayOn =
    type === 'saga.parked' ? `. Somebody has to say how it goes on: headwater sagas show ${id}` : ''
  return {
    ...problem({
      status: 422,
      code: reason?.code ?? 'SAGA_NOT_COMPLETED',
      title: TITLES[type],
      detail: `The saga is ${status}${failed}: ${reason?.detail ?? 'no reason given'}${undone}${wayOn}`,
    }),
    saga: { status, ...(step !== undefined && { step }), compensated },
  }
}
