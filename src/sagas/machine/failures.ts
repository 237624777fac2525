import type { Failure } from './events.ts'

export const deadlinePassed: Failure = {
  status: 422,
  code: 'SAGA_DEADLINE',
  detail: 'The saga was not through in its time',
}

export const abandoned = (detail: string): Failure => ({ status: 422, code: 'SAGA_ABANDONED', detail })

export const stepTimeout = (step: string): Failure => ({
  status: 422,
  code: 'STEP_TIMEOUT',
  detail: `What the step ${step} waited for did not come in its time`,
})

export const decisionRefused = (step: string): Failure => ({
  status: 422,
  code: 'DECISION_REFUSED',
  detail: `The decision of the step ${step} was no`,
})

/** A step's own function threw. The text is the author's, and goes into the log of the saga. */
export const definitionFailed = (step: string, error: unknown): Failure => ({
  status: 500,
  code: 'STEP_DEFINITION_FAILED',
  detail: `The definition of the step ${step} threw: ${error instanceof Error ? error.message.slice(0, 500) : 'no error'}`,
})
