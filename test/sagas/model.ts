import { z } from 'zod'
import { type Saga, defineSaga } from '../../src/sagas/define-saga.ts'
import type { Outcome, Timer } from '../../src/sagas/machine/commands.ts'
import { internalCommands } from '../../src/sagas/machine/commands.ts'
import { sagaEvents } from '../../src/sagas/machine/events.ts'
import { isEnded, stepOf } from '../../src/sagas/machine/state.ts'
import type { Step } from '../../src/sagas/step.ts'
import { accepted, instanceOf, refused, to, unavailable } from './machine.ts'
import { stock } from './trade.ts'

/** What a random saga is made of. */
export interface StepPlan {
  kind: 'command' | 'pause' | 'decision' | 'event'
  isUndoable: boolean
  attempts: number
}

/** What the world does to a command. `lost`: it does it, and the answer is lost. */
export type Fate = 'accept' | 'refuse' | 'partly' | 'down' | 'lost'
export type Way = 'forth' | 'back'

const occurrence = { from: stock, type: 'stock.filled', saga: () => undefined }

export function randomSaga(stages: readonly (readonly StepPlan[])[], pivotAt: number | undefined): Saga {
  let made = 0
  const stepOfPlan = ({ kind, isUndoable, attempts }: StepPlan): Step => {
    const name = `s${made++}`
    const base = {
      name,
      ...(pivotAt === made - 1 && { pivot: true }),
      ...(isUndoable && { compensate: () => to(`undo-${name}`) }),
    }
    if (kind === 'pause') return { ...base, pauseMs: () => 1000 }
    if (kind === 'decision') return { ...base, decision: z.boolean(), accept: Boolean, timeoutMs: 1000 }
    if (kind === 'event') return { ...base, event: occurrence, timeoutMs: 1000 }
    return { ...base, invoke: () => to(name), retry: { attempts } }
  }
  const steps = stages.map((stage) => stage.map(stepOfPlan))
  return defineSaga({ name: 'random', input: z.object({}), deadlineMs: 1000, steps })
}

interface Job {
  way: Way
  step: string
  attempt: number
}

/**
 * The world around one saga: what is announced waits in it as a job, its outcome as a report, its timers as timers, each for
 * any time and in any order, and may be handled twice.
 *
 * @param isFickle what it has refused to one process, it may accept from another that is at the same attempt still
 */
export function worldOf(saga: Saga, { isFickle = false } = {}) {
  const trip = instanceOf(saga)
  const jobs: Job[] = []
  const reports: (Job & { outcome: Outcome })[] = []
  const timers: Timer[] = []
  /** What of a step is there: something of it, all of it. */
  const effects = new Map<string, 'part' | 'all'>()
  const refusals = new Map<string, Fate>()
  const undone: string[] = []
  /** The events that have happened: each does so once. */
  const occurred = new Set<string>()
  const broken: string[] = []
  const steps = [...saga.plans.values()].flatMap(({ stages }) => stages.flat())
  let seen = 0

  /** The worker reads what is new in the log. */
  function follow(): void {
    for (const { what, data } of trip.log.slice(seen)) {
      const [type = '', step = ''] = what.split(' ')
      if (type === 'started') timers.push({ timer: 'deadline' })
      if (type === 'step-started') jobs.push({ way: 'forth', ...sagaEvents['saga.step-started'].parse(data) })
      if (type === 'compensation-started') {
        if (isBusy()) broken.push(`${what} while something runs`)
        jobs.push({ way: 'back', ...sagaEvents['saga.compensation-started'].parse(data) })
      }
      if (type === 'step-waiting') {
        if (sagaEvents['saga.step-waiting'].parse(data).until !== undefined)
          timers.push({ timer: 'wait', step })
      }
      if (type === 'step-failed' || type === 'compensation-failed') {
        const { attempt, retryAt } = sagaEvents[`saga.${type}`].parse(data)
        const way = type === 'step-failed' ? 'forth' : 'back'
        if (retryAt !== undefined) timers.push({ timer: 'retry', step, attempt, way })
      }
      seen++
    }
    const deaf = steps.find(({ name }) => occurred.has(name) && isWaiting(name))
    if (deaf) broken.push(`${deaf.name} waits for what has happened`)
  }

  const isWaiting = (name: string) => stepOf(trip.state, name)?.status === 'waiting'

  const isBusy = () => steps.some(({ name }) => stepOf(trip.state, name)?.status === 'running')

  function isSettled({ way, step, attempt }: Job): boolean {
    const types =
      way === 'forth' ? ['step-succeeded', 'step-failed'] : ['compensation-succeeded', 'compensation-failed']
    return trip.log.some(
      ({ what, data }) =>
        types.some((type) => what === `${type} ${step}`) &&
        internalCommands.record.shape.attempt.parse(
          typeof data === 'object' && data !== null && 'attempt' in data ? data.attempt : 0,
        ) === attempt,
    )
  }

  const isOver = () => trip.happened.some((what) => what.startsWith('compensating'))

  /**
   * The domain: it knows a command again that it has accepted, and does it once. What it has refused, it refuses again for as
   * long as that attempt is in work.
   */
  function perform(job: Job, asked: Fate): Outcome {
    const { way, step, attempt } = job
    const key = `${way} ${step} ${attempt}`
    const fate = (isFickle ? undefined : refusals.get(key)) ?? asked
    if (fate === 'refuse' || fate === 'partly') refusals.set(key, fate)
    return done(job, fate)
  }

  function done({ way, step }: Job, fate: Fate): Outcome {
    if (fate === 'down') return unavailable
    if (way === 'back') {
      if (fate === 'refuse' || fate === 'partly') return refused('LOCKED')
      effects.delete(step)
      undone.push(step)
      return fate === 'lost' ? unavailable : accepted
    }
    if (effects.get(step) === 'all') return fate === 'lost' ? unavailable : accepted
    if (fate === 'refuse') return refused('NO', effects.has(step))
    if (isOver() && !isFickle) broken.push(`${step} was done after compensation began`)
    effects.set(step, fate === 'partly' ? 'part' : 'all')
    if (fate === 'partly') return refused('NO', true)
    return fate === 'lost' ? unavailable : accepted
  }

  const say = (command: string, data: unknown) => {
    trip.say(command, data)
    follow()
  }
  function pick<One>(list: One[], at: number, isKept: boolean): One | undefined {
    const index = list.length === 0 ? 0 : at % list.length
    const one = list[index]
    if (!isKept) list.splice(index, 1)
    return one
  }

  const undecided = () => steps.find((step) => 'decision' in step && isWaiting(step.name))?.name
  const occur = (step: string) => {
    occurred.add(step)
    say('observe', { step, data: step })
  }
  const unheard = () =>
    steps.find((step) => 'event' in step && isWaiting(step.name) && !occurred.has(step.name))?.name

  trip.start()
  follow()
  return {
    trip,
    steps,
    effects,
    undone,
    broken,
    /**
     * A process takes a job; when `isKept` another gets it again. In a world that is not fickle the first may have died then,
     * before it could say what came of it.
     */
    work(at: number, fate: Fate, isKept: boolean): void {
      const job = pick(jobs, at, isKept)
      if (!job || isSettled(job)) return
      const report = { ...job, outcome: perform(job, fate) }
      if (!isKept || isFickle || at % 2 === 0) reports.push(report)
    },
    report: (at: number, isKept: boolean) => {
      const report = pick(reports, at, isKept)
      if (report) say('record', report)
    },
    fire: (at: number, isKept: boolean) => {
      const timer = pick(timers, at, isKept)
      if (timer) say('wake', timer)
    },
    decide: (at: number, data: boolean) => {
      const { name: step } = steps[at % steps.length] ?? { name: '' }
      say('signal', { step, data })
    },
    occur: (at: number) => {
      const awaited = steps.filter((step) => 'event' in step)
      const step = awaited[at % awaited.length]
      if (step && !occurred.has(step.name)) occur(step.name)
    },
    abandon: () => say('abandon', {}),
    resume: (done: boolean) => say('resume', { done }),
    /**
     * From now on all is answered, in order: the saga has to come to an end. Answers how many turns that took.
     * @param isGivenUp what is parked is abandoned, and not resumed
     */
    settle(isGivenUp: boolean): number {
      for (let turn = 1; turn <= 500; turn++) {
        if (reports.length > 0) this.report(0, false)
        else if (jobs.length > 0) this.work(0, 'accept', false)
        else if (isEnded(trip.state)) return turn
        else if (trip.state.status === 'parked' && isGivenUp) this.abandon()
        else if (trip.state.status === 'parked') this.resume(false)
        else if (undecided() !== undefined) say('signal', { step: undecided(), data: true })
        else if (unheard() !== undefined) occur(unheard() ?? '')
        // The deadline, which is the first, last.
        else if (timers.length > 0) this.fire(timers.length - 1, false)
        else return Number.POSITIVE_INFINITY
      }
      return Number.POSITIVE_INFINITY
    },
  }
}
