import type { DecideContext } from '../../commands/define-aggregate.ts'
import type { StepContext } from '../step.ts'
import type { SagaState } from './state.ts'

export function stepContext({ input, steps }: SagaState, { id, time }: DecideContext): StepContext {
  return {
    id,
    input,
    time,
    heard(name, schema) {
      const step = steps[name]
      if (step?.status !== 'succeeded') throw new TypeError(`The step ${name} has heard nothing yet`)
      return schema.parse(step.heard)
    },
  }
}
