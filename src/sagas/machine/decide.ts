import { z } from 'zod'
import { type Rejection, reject } from '../../commands/definition/decision.ts'
import type { Step } from '../step.ts'
import { goBack, recordBack, undo } from './back.ts'
import { type Outcome, type Timer, internalCommands, sagaCommands } from './commands.ts'
import { Course } from './course.ts'
import { abandoned, deadlinePassed, stepTimeout } from './failures.ts'
import { begin, goForth, hear, invoke, recordForth, stopWaiting } from './forth.ts'
import { waitsFor } from './plan.ts'
import { isEnded } from './state.ts'

/** Goes on as far as it goes without waiting for anybody. */
function advance(course: Course): void {
  goForth(course)
  goBack(course)
}

export function start({ plan, context, state }: Course, input: unknown, saga: string): Course | Rejection {
  if (state.status !== 'none') {
    return reject('SAGA_ALREADY_STARTED', `The saga ${saga} ${context.id} has been started already`, 409)
  }
  const course = new Course(plan, state, context)
  const { deadlineMs, version } = plan
  const deadline =
    deadlineMs === undefined ? undefined : new Date(Date.parse(context.time) + deadlineMs).toISOString()
  course.emit('saga.started', { version, input, ...(deadline !== undefined && { deadline }) })
  advance(course)
  return course
}

const { signal: Signal, resume: Resume, abandon: Abandon, observe: Observe } = sagaCommands(z.unknown())

/** Somebody decides. What comes before the step waits for it is kept for it. */
export function signal(course: Course, data: unknown): Rejection | undefined {
  const { step: name, data: given } = Signal.parse(data)
  const step = course.step(name)
  if (!step || !('decision' in step)) {
    const names = course.steps.flatMap((one) => ('decision' in one ? [one.name] : []))
    return reject(
      'UNKNOWN_SIGNAL',
      `Nothing is decided in a step ${name.slice(0, 100)}; ${names.length > 0 ? `there is ${names.join(', ')}` : 'no step of this saga waits for a decision'}`,
      404,
    )
  }
  const decided = step.decision.safeParse(given)
  if (!decided.success) {
    const what = decided.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ')
    return reject('INVALID_SIGNAL', `The decision does not fit the step ${name}: ${what}`)
  }
  return take(course, name, decided.data, 'saga.signalled')
}

export function observe(course: Course, data: unknown): Rejection | undefined {
  const { step: name, data: given, versions } = Observe.parse(data)
  if (versions && !versions.includes(course.plan.version)) return undefined
  const step = course.step(name)
  if (!step || !('event' in step))
    return reject('UNKNOWN_STEP', `No step ${name.slice(0, 100)} waits for an event`, 404)
  // Behind the pivot a step that has failed is resumed one day: an event comes once, and is kept until then. A decision is asked for anew.
  if (isOpen(course) && course.of(name)?.status === 'failed') {
    course.emit('saga.observed', { step: name, data: given })
  } else take(course, name, given, 'saga.observed')
  // An event that comes again, or too late, is nobody's fault.
  return undefined
}

function take(
  course: Course,
  name: string,
  data: unknown,
  kept: 'saga.signalled' | 'saga.observed',
): Rejection | undefined {
  const step = course.step(name)
  const known = course.of(name)
  if (!step || !isOpen(course) || (known && known.status !== 'waiting')) {
    return reject('ALREADY_DECIDED', `The saga does not wait for ${name} any more`, 409)
  }
  course.emit(kept, { step: name, data })
  if (known) {
    hear(course, step, data)
    advance(course)
  }
  return undefined
}

/** Whether a step may still hear something: also while another one is what it is parked for. */
function isOpen({ state: { status, parked } }: Course): boolean {
  return status === 'running' || (status === 'parked' && parked?.from === 'running')
}

/** Goes on with what it was parked for. */
export function resume(course: Course, data: unknown): Rejection | undefined {
  const { done } = Resume.parse(data)
  const { parked } = course.state
  const step = parked && course.step(parked.step)
  if (course.state.status !== 'parked' || !step) {
    return reject('SAGA_NOT_PARKED', `The saga is ${course.state.status}: there is nothing to resume`, 409)
  }
  course.emit('saga.resumed', { done })
  const isBack = parked.from === 'compensating'
  const attempt = ((isBack ? course.of(step.name)?.undo : course.of(step.name))?.attempts ?? 0) + 1
  if (isBack && done) course.emit('saga.compensation-succeeded', { step: step.name, attempt, replies: [] })
  else if (isBack) undo(course, step, attempt)
  else if (done) course.emit('saga.step-succeeded', { step: step.name, attempt, replies: [] })
  else if (waitsFor(step)) begin(course, step)
  else invoke(course, step, attempt)
  advance(course)
  return undefined
}

/** Undoes it; one that is parked is ended as it is. */
export function abandon(course: Course, data: unknown): Rejection | undefined {
  const reason = abandoned(Abandon.parse(data).reason)
  const { status } = course.state
  if (isEnded(course.state)) return reject('SAGA_ENDED', `The saga is ${status} already`, 409)
  if (status === 'parked') {
    course.emit('saga.abandoned', { reason })
    return undefined
  }
  if (course.isPastPivot) {
    return reject('SAGA_PAST_PIVOT', 'The saga has passed the point of no return: it only goes forward')
  }
  if (status === 'compensating' || course.state.reason) return undefined
  cancel(course, reason)
  return undefined
}

function cancel(course: Course, reason: ReturnType<typeof abandoned>): void {
  course.emit('saga.cancelled', { reason })
  // It may pass its pivot yet, and go on with what waits beside it.
  if (!course.isAtPivot) stopWaiting(course, reason)
  advance(course)
}

/** What became of an attempt. */
export function record(course: Course, data: unknown): void {
  const { step: name, attempt, way, outcome } = internalCommands.record.parse(data)
  const step = course.step(name)
  const known = way === 'forth' ? course.of(name) : course.of(name)?.undo
  if (!step) return
  if (isEnded(course.state) || known?.status !== 'running' || known.attempts !== attempt) {
    if (way === 'forth') recordLate(course, step, outcome)
    return
  }
  if (way === 'forth') recordForth(course, step, outcome)
  else recordBack(course, step, outcome)
  advance(course)
}

/**
 * An attempt is told twice when two processes were at it, one of them stalled for so long that another had taken over. Mostly
 * they say the same. Where one was refused, so that the saga has turned back, and the other accepted, there is something to undo.
 */
function recordLate(course: Course, { name, compensate }: Step, outcome: Outcome): void {
  const known = course.of(name)
  const hasHappened = outcome.kind !== 'refused' || outcome.partly
  if (!compensate || !hasHappened || known?.status !== 'failed' || known.doubtful === true) return
  if (course.state.status === 'abandoned') return
  course.emit('saga.step-doubtful', { step: name })
  advance(course)
}

/** A time has come. A timer that nobody waits for any more changes nothing. */
export function wake(course: Course, data: unknown): void {
  const timer = internalCommands.wake.parse(data)
  if (timer.timer === 'deadline') return meetDeadline(course)
  const step = course.step(timer.step)
  if (!step || isEnded(course.state)) return
  if (timer.timer === 'wait') {
    if (course.of(timer.step)?.status !== 'waiting') return
    const { name } = step
    if (waitsFor(step) === 'time') course.emit('saga.step-succeeded', { step: name, attempt: 1 })
    else course.emit('saga.step-failed', { step: name, attempt: 1, failure: stepTimeout(name) })
  } else if (isDue(course, timer)) {
    if (timer.way === 'forth') invoke(course, step, timer.attempt + 1)
    else undo(course, step, timer.attempt + 1)
  }
  advance(course)
}

function isDue(course: Course, { step, attempt, way }: Extract<Timer, { timer: 'retry' }>): boolean {
  const known = way === 'forth' ? course.of(step) : course.of(step)?.undo
  return known?.status === 'retrying' && known.attempts === attempt
}

function meetDeadline(course: Course): void {
  if (course.state.status !== 'running' || course.state.reason || course.isPastPivot) return
  cancel(course, deadlinePassed)
}
