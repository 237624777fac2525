import type { z } from 'zod'
import type { Failure, Reply, SentCommand } from './events.ts'

export type SagaStatus =
  'none' | 'running' | 'compensating' | 'parked' | 'completed' | 'compensated' | 'abandoned'

export type StepStatus = 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed'
export type UndoStatus = 'running' | 'retrying' | 'succeeded' | 'failed'

export interface StepState {
  readonly status: StepStatus
  readonly attempts: number
  /** ISO 8601: when its first attempt began. */
  readonly startedAt: string
  readonly finishedAt?: string
  /** Of the attempt that runs or is to come: every attempt sends the same. */
  readonly commands?: readonly z.output<typeof SentCommand>[]
  readonly replies?: readonly z.output<typeof Reply>[]
  /** What a step that waited has heard. */
  readonly heard?: unknown
  readonly failure?: Failure
  /** It failed, but something of it was done, or may have been. */
  readonly doubtful?: boolean
  readonly undo?: UndoState
}

export interface UndoState {
  readonly status: UndoStatus
  readonly attempts: number
  readonly startedAt: string
  readonly finishedAt?: string
  readonly commands?: readonly z.output<typeof SentCommand>[]
  readonly failure?: Failure
}

export interface SagaState {
  readonly status: SagaStatus
  /** Of the definition that it began with. */
  readonly version: number
  readonly input: unknown
  readonly steps: Readonly<Record<string, StepState>>
  /** Decisions and events that came before a step waited for them. */
  readonly early: Readonly<Record<string, unknown>>
  /** Why it is to be undone, or was. */
  readonly reason?: Failure
  /** What it was parked for, and what it did until then. */
  readonly parked?: { readonly step: string; readonly from: 'running' | 'compensating' }
}

export const noSaga: SagaState = { status: 'none', version: 0, input: null, steps: {}, early: {} }

/** A step may be named as what every object has: `constructor`. */
export const stepOf = ({ steps }: Pick<SagaState, 'steps'>, name: string): StepState | undefined =>
  Object.hasOwn(steps, name) ? steps[name] : undefined

export const isEnded = ({ status }: Pick<SagaState, 'status'>): boolean =>
  status === 'completed' || status === 'compensated' || status === 'abandoned'
