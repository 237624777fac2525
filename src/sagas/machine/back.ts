import { COMPENSATION_RETRY, retryAt } from '../retry.ts'
import type { Step } from '../step.ts'
import type { Outcome } from './commands.ts'
import type { Course } from './course.ts'
import type { Failure } from './events.ts'
import { definitionFailed } from './failures.ts'
import { listOf } from './forth.ts'
import { stepContext } from './step-context.ts'

/** Undoes what was done, the last first, one after another; the saga is compensated when nothing is left. */
export function goBack(course: Course): void {
  while (course.state.status === 'compensating') {
    const step = course.steps.toReversed().find((one) => isToUndo(course, one))
    if (!step) {
      const { reason } = course.state
      if (reason) course.emit('saga.compensated', { reason })
      return
    }
    if (course.isUndoing) return
    undo(course, step, 1)
  }
}

/** What has happened, or may have. */
function isToUndo(course: Course, { name, compensate }: Step): boolean {
  const known = course.of(name)
  if (!compensate || !known || known.undo?.status === 'succeeded') return false
  return known.status === 'succeeded' || (known.status === 'failed' && known.doubtful === true)
}

/** Announces an attempt at a compensation: the same commands as in the one before. */
export function undo(course: Course, step: Step, attempt: number): void {
  const { name } = step
  const { state, context } = course
  try {
    const before = course.of(name)?.undo?.commands
    const commands = before ?? listOf(step.compensate?.(stepContext(state, context)))
    const { ignore } = step
    course.emit('saga.compensation-started', {
      step: name,
      attempt,
      commands: [...commands],
      ...(ignore && { ignore: [...ignore] }),
    })
    if (commands.length === 0)
      course.emit('saga.compensation-succeeded', { step: name, attempt, replies: [] })
  } catch (error) {
    give(course, name, attempt, definitionFailed(name, error))
  }
}

/** An attempt at a compensation has come off. */
export function recordBack(course: Course, { name }: Step, outcome: Outcome): void {
  const attempt = course.of(name)?.undo?.attempts ?? 1
  if (outcome.kind === 'accepted') {
    return course.emit('saga.compensation-succeeded', { step: name, attempt, replies: outcome.replies })
  }
  const { failure } = outcome
  if (outcome.kind === 'refused' || attempt >= COMPENSATION_RETRY.attempts) {
    return give(course, name, attempt, failure)
  }
  const again = retryAt(COMPENSATION_RETRY, attempt, course.context.time, `${course.context.id} ${name} undo`)
  course.emit('saga.compensation-failed', { step: name, attempt, failure, retryAt: again })
}

/** Gives it up: a person has to look. */
function give(course: Course, step: string, attempt: number, failure: Failure): void {
  course.emit('saga.compensation-failed', { step, attempt, failure })
  course.emit('saga.parked', { code: 'COMPENSATION_FAILED', step, failure })
}
