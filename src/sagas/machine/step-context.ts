import type { DecideContext } from '../../commands/definition/define-aggregate.ts'
import type { StepContext } from '../step.ts'
import { type SagaState, stepOf } from './state.ts'

export function stepContext(state: SagaState, { id, time }: DecideContext): StepContext {
  return {
    id,
    input: state.input,
    time,
    heard(name, schema) {
      const step = stepOf(state, name)
      if (step?.status !== 'succeeded') throw new TypeError(`The step ${name} has heard nothing yet`)
      return schema.parse(step.heard)
    },
  }
}
