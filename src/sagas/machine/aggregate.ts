import type { ZodType } from 'zod'
import { type Decision, type Rejection, reject } from '../../commands/definition/decision.ts'
import { type Aggregate, defineAggregate } from '../../commands/definition/define-aggregate.ts'
import type { EventDefinitions } from '../../streams/events/event-types.ts'
import { sagaCommands } from './commands.ts'
import { Course } from './course.ts'
import { abandon, observe, record, resume, signal, start, wake } from './decide.ts'
import { sagaEvents } from './events.ts'
import { folds } from './folds.ts'
import type { Plan } from './plan.ts'
import { type SagaState, isEnded, noSaga } from './state.ts'
import { versionUnknown } from './version-unknown.ts'

/** As any aggregate, with the events that all sagas have. */
export type SagaAggregate = Aggregate<string, typeof sagaEvents, Record<string, ZodType>, SagaState>

type Transition = (course: Course, data: unknown) => Rejection | undefined | void

const TRANSITIONS = new Map<string, Transition>([
  ['signal', signal],
  ['observe', observe],
  ['resume', resume],
  ['abandon', abandon],
  // Not among the commands that can be sent: the worker and the timers hand these to the actor.
  ['record', record],
  ['wake', wake],
])

/**
 * A saga as an aggregate: a pure state machine, whose events announce what is to be done, and whose commands tell how it came
 * off. Two replicas that go on with one saga meet in its log, as two writers of any aggregate do.
 */
export function sagaAggregate(
  name: string,
  plans: ReadonlyMap<number, Plan>,
  version: number,
): SagaAggregate {
  const newest = plans.get(version)
  if (!newest) throw new TypeError(`The saga ${name} has no version ${version}`)
  const log = defineAggregate({
    name,
    events: sagaEvents,
    commands: {},
    initial: noSaga,
    decide: {},
    evolve: folds,
  })
  return {
    ...log,
    // Deadlines and pauses are counted from it.
    happensNow: true,
    commands: sagaCommands(newest.input),
    decide(command, state: SagaState, data, context): Decision<EventDefinitions> {
      if (command === 'start') {
        const course = start(new Course(newest, state, context), data, name)
        return 'rejected' in course ? course : course.events
      }
      const transition = TRANSITIONS.get(command)
      if (!transition) throw new TypeError(`The saga ${name} has no transition ${command}`)
      if (state.status === 'none')
        return reject('SAGA_NOT_FOUND', `There is no saga ${name} ${context.id}`, 404)
      // Whichever version it was of: an event for it is nobody's any more.
      if (command === 'observe' && isEnded(state)) return []
      const plan = plans.get(state.version)
      if (!plan) {
        const unknown = versionUnknown(name, context.id, state.version)
        // Nobody sends an event a second time: it waits for a replica that knows the version.
        return command === 'observe' ? { ...unknown, status: 503 } : unknown
      }
      const course = new Course(plan, state, context)
      return transition(course, data) ?? course.events
    },
  }
}
