import type { ZodType } from 'zod'
import type { Step } from '../step.ts'

/** Steps that run side by side. */
export type Stage = readonly Step[]

/** One version of a saga's definition. */
export interface Plan {
  readonly version: number
  readonly input: ZodType
  readonly deadlineMs: number | undefined
  readonly stages: readonly Stage[]
}

/** What a step waits for; undefined when it sends commands. */
export function waitsFor(step: Step): 'event' | 'decision' | 'time' | undefined {
  if ('event' in step) return 'event'
  if ('decision' in step) return 'decision'
  return 'pauseMs' in step ? 'time' : undefined
}

export function findStep({ stages }: Plan, name: string): Step | undefined {
  return stages.flat().find((step) => step.name === name)
}
