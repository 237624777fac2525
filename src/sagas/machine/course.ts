import type { DecideContext } from '../../commands/definition/define-aggregate.ts'
import type { Step } from '../step.ts'
import { type SagaData, type SagaEventType, folds } from './folds.ts'
import { type Plan, findStep } from './plan.ts'
import { type SagaState, type StepState, stepOf } from './state.ts'

/** An event that was made to happen. */
export interface Emitted {
  type: SagaEventType
  data: unknown
}

/** The course of one saga during one decision: what happens is emitted, and seen by what is decided after it. */
export class Course {
  readonly events: Emitted[] = []
  readonly plan: Plan
  readonly context: DecideContext
  state: SagaState

  constructor(plan: Plan, state: SagaState, context: DecideContext) {
    this.plan = plan
    this.state = state
    this.context = context
  }

  emit<Type extends SagaEventType>(type: Type, data: SagaData<Type>): void {
    this.events.push({ type, data })
    this.state = folds[type](this.state, { data, time: this.context.time })
  }

  step(name: string): Step | undefined {
    return findStep(this.plan, name)
  }

  of(name: string): StepState | undefined {
    return stepOf(this.state, name)
  }

  /** In the order in which they began, those of a stage in the order of the definition. */
  get steps(): readonly Step[] {
    return this.plan.stages.flat()
  }

  /** Whether there is no way back any more. */
  get isPastPivot(): boolean {
    return this.steps.some(({ name, pivot }) => pivot === true && this.of(name)?.status === 'succeeded')
  }

  /**
   * Whether it is being found out if there is a way back. A pivot that cannot be undone, and of which nobody knows whether it
   * has happened, is asked for until somebody does: to undo what is behind it would be wrong if it has.
   */
  get isAtPivot(): boolean {
    return this.steps.some(({ name, pivot, compensate }) => {
      const status = this.of(name)?.status
      return pivot === true && (status === 'running' || (status === 'retrying' && !compensate))
    })
  }

  /** Whether somebody is at a step right now: nothing may be undone meanwhile. */
  get isBusy(): boolean {
    return Object.values(this.state.steps).some(({ status }) => status === 'running')
  }

  /** Whether somebody is at a compensation, or is to try it again: they come one after another. */
  get isUndoing(): boolean {
    return Object.values(this.state.steps).some(({ undo }) => undo && undo.status !== 'succeeded')
  }
}
