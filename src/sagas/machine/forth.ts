import { STEP_RETRY, retryAt } from '../retry.ts'
import type { Step, StepCommands } from '../step.ts'
import type { Outcome } from './commands.ts'
import type { Course } from './course.ts'
import type { Failure } from './events.ts'
import { decisionRefused, definitionFailed } from './failures.ts'
import { waitsFor } from './plan.ts'
import { stepContext } from './step-context.ts'

/** Begins the steps whose turn it is; completes the saga when none is left. */
export function goForth(course: Course): void {
  while (course.state.status === 'running') {
    const failed = failedStep(course)
    if (isCancelled(course) || failed !== undefined) return turnBack(course, failed)
    const stage = course.plan.stages.find((one) => one.some(({ name }) => !isDone(course, name)))
    if (!stage) return course.emit('saga.completed', {})
    const next = stage.filter(({ name }) => !course.of(name))
    if (next.length === 0) return
    for (const step of next) begin(course, step)
  }
}

/** What is cancelled while its pivot runs, and passes it, goes on: then there is no way back. */
const isCancelled = (course: Course) =>
  course.state.reason !== undefined && !course.isPastPivot && !course.isAtPivot

const isDone = (course: Course, name: string) => course.of(name)?.status === 'succeeded'

function failedStep(course: Course): string | undefined {
  return course.steps.find(({ name }) => course.of(name)?.status === 'failed')?.name
}

/** To undo it, or to park it where there is no way back. Only when nobody is at a step any more. */
function turnBack(course: Course, failed: string | undefined): void {
  if (course.isBusy || course.isAtPivot) return
  const failure = failed === undefined ? undefined : course.of(failed)?.failure
  if (failed !== undefined && failure && course.isPastPivot) {
    return course.emit('saga.parked', { code: 'STEP_FAILED_AFTER_PIVOT', step: failed, failure })
  }
  const reason = course.state.reason ?? failure
  if (!reason) return
  stopWaiting(course, reason)
  course.emit('saga.compensating', { reason, ...(failed !== undefined && { step: failed }) })
}

/** Begins a step: it sends its commands, or waits. */
export function begin(course: Course, step: Step): void {
  const { name } = step
  const waiting = waitsFor(step)
  if (!waiting) return invoke(course, step, 1)
  try {
    const until = untilOf(course, step)
    course.emit('saga.step-waiting', { step: name, for: waiting, ...(until !== undefined && { until }) })
  } catch (error) {
    course.emit('saga.step-failed', { step: name, attempt: 1, failure: definitionFailed(name, error) })
    return
  }
  if (Object.hasOwn(course.state.early, name)) hear(course, step, course.state.early[name])
}

function untilOf({ state, context }: Course, step: Step): string | undefined {
  const ms =
    'pauseMs' in step
      ? step.pauseMs(stepContext(state, context))
      : 'timeoutMs' in step
        ? step.timeoutMs
        : undefined
  return ms === undefined ? undefined : new Date(Date.parse(context.time) + ms).toISOString()
}

/** What a step waits for has come. */
export function hear(course: Course, step: Step, data: unknown): void {
  const { name } = step
  const failure = refusalOf(step, data)
  if (failure) course.emit('saga.step-failed', { step: name, attempt: 1, failure })
  else course.emit('saga.step-succeeded', { step: name, attempt: 1, heard: data })
}

function refusalOf(step: Step, data: unknown): Failure | undefined {
  try {
    return 'decision' in step && step.accept?.(data) === false ? decisionRefused(step.name) : undefined
  } catch (error) {
    return definitionFailed(step.name, error)
  }
}

/** Announces an attempt: the same commands as in the one before. */
export function invoke(course: Course, step: Step, attempt: number): void {
  const { name } = step
  const { state, context } = course
  try {
    const commands =
      course.of(name)?.commands ?? ('invoke' in step ? listOf(step.invoke(stepContext(state, context))) : [])
    const timeoutMs = 'invoke' in step ? step.timeoutMs : undefined
    course.emit('saga.step-started', {
      step: name,
      attempt,
      commands: [...commands],
      ...(timeoutMs !== undefined && { timeoutMs }),
    })
    if (commands.length === 0) course.emit('saga.step-succeeded', { step: name, attempt, replies: [] })
  } catch (error) {
    course.emit('saga.step-failed', { step: name, attempt, failure: definitionFailed(name, error) })
  }
}

/** An attempt at a step has come off. */
export function recordForth(course: Course, step: Step, outcome: Outcome): void {
  const { name } = step
  const attempt = course.of(name)?.attempts ?? 1
  if (outcome.kind === 'accepted') {
    return course.emit('saga.step-succeeded', { step: name, attempt, replies: outcome.replies })
  }
  const { failure } = outcome
  const again = isAskedAgain(step, outcome) ? nextAttempt(course, step, attempt) : undefined
  if (again !== undefined) {
    return course.emit('saga.step-failed', { step: name, attempt, failure, retryAt: again })
  }
  const doubtful = outcome.kind === 'unavailable' || outcome.partly
  course.emit('saga.step-failed', { step: name, attempt, failure, ...(doubtful && { doubtful }) })
}

/** A pivot that cannot be undone also where a refusal leaves open whether it has happened: nothing may be undone until that is known. */
function isAskedAgain({ pivot, compensate }: Step, outcome: Outcome): boolean {
  if (outcome.kind === 'refused') return outcome.unsure === true && pivot === true && !compensate
  return outcome.kind === 'unavailable'
}

function nextAttempt(course: Course, step: Step, attempt: number): string | undefined {
  // It is to be undone: nobody waits for it to succeed any more.
  if (isCancelled(course)) return undefined
  const policy = { ...STEP_RETRY, ...('retry' in step && step.retry) }
  const isForGood = course.isPastPivot || (step.pivot === true && !step.compensate)
  if (attempt >= policy.attempts && !isForGood) return undefined
  return retryAt(policy, attempt, course.context.time, `${course.context.id} ${step.name}`)
}

/** What waits, or is to be tried again, will not be any more. */
export function stopWaiting(course: Course, failure: Failure): void {
  for (const { name } of course.steps) {
    const known = course.of(name)
    if (known?.status !== 'waiting' && known?.status !== 'retrying') continue
    const doubtful = known.status === 'retrying'
    const { attempts: attempt } = known
    course.emit('saga.step-failed', { step: name, attempt, failure, ...(doubtful && { doubtful }) })
  }
}

export function listOf(commands: StepCommands) {
  if (commands === undefined) return []
  return 'aggregate' in commands ? [commands] : [...commands]
}
