import type { Failure } from '../../sagas/machine/events.ts'
import type { SagaState, StepState, UndoState } from '../../sagas/machine/state.ts'

/** What a step waits for before it goes on by itself; RETRY is the pause before it is tried again. */
export interface Waiting {
  readonly waitsFor: 'EVENT' | 'DECISION' | 'TIME' | 'RETRY'
  /** ISO 8601; null when nothing ends it by itself. */
  readonly until: string | null
}

/** How one step, or its compensation, stands: as the graph shows it, in the order in which they began. */
export interface StepView {
  readonly name: string
  readonly status: string
  readonly attempts: number
  readonly startedAt: string
  readonly finishedAt: string | null
  /** Of the last attempt, unless it succeeded. */
  readonly error: Failure | null
  readonly waitsFor: Waiting['waitsFor'] | null
  readonly until: string | null
}

/** Why a saga is undone, parked or abandoned. */
export interface ReasonView {
  readonly code: string
  readonly detail: string
}

/** What an event says of the waiting of a step. */
export interface Announced extends Waiting {
  readonly step: string
}

/** @param before the steps as they were, whose order is kept: what JSON columns make of an object's order is their own */
export function stepsOf(
  { steps }: Pick<SagaState, 'steps'>,
  before: readonly StepView[],
  announced?: Announced,
): StepView[] {
  return inOrder(steps, before, announced)
}

/** The same for the compensations, each under the name of its step. */
export function compensationsOf(
  { steps }: Pick<SagaState, 'steps'>,
  before: readonly StepView[],
  announced?: Announced,
): StepView[] {
  const undone = Object.entries(steps).flatMap(([name, { undo }]) => (undo ? [[name, undo] as const] : []))
  return inOrder(Object.fromEntries(undone), before, announced)
}

function inOrder(
  now: Readonly<Record<string, StepState | UndoState>>,
  before: readonly StepView[],
  announced: Announced | undefined,
): StepView[] {
  const known = before.map(({ name }) => name)
  const names = [...known, ...Object.keys(now).filter((name) => !known.includes(name))]
  return names.flatMap((name) => {
    const step = now[name]
    if (!step) return []
    const told = announced?.step === name ? announced : before.find((one) => one.name === name)
    return [viewOf(name, step, told)]
  })
}

function viewOf(
  name: string,
  { status, attempts, startedAt, finishedAt, failure }: StepState | UndoState,
  told: Pick<StepView, 'waitsFor' | 'until'> | undefined,
): StepView {
  const waits = status === 'waiting' || status === 'retrying'
  return {
    name,
    status: status.toUpperCase(),
    attempts,
    startedAt,
    finishedAt: finishedAt ?? null,
    error: status === 'succeeded' ? null : (failure ?? null),
    waitsFor: waits ? (told?.waitsFor ?? null) : null,
    until: waits ? (told?.until ?? null) : null,
  }
}

const UNDER_WAY = ['RUNNING', 'RETRYING', 'WAITING']

/** The step that the saga is at: the first of those that are under way, forth or back, or the one that it was parked for. */
export function currentStepOf(
  { status, parked }: SagaState,
  steps: readonly StepView[],
  compensations: readonly StepView[],
): string | null {
  if (status === 'parked') return parked?.step ?? null
  const those = status === 'running' ? steps : status === 'compensating' ? compensations : []
  return those.find((one) => UNDER_WAY.includes(one.status))?.name ?? null
}
