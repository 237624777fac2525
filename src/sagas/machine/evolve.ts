import { type SagaState, type StepState, type UndoState, stepOf } from './state.ts'

const BEGUN: StepState = { status: 'running', attempts: 0, startedAt: '' }

/** The state with one step changed. */
export function withStep(state: SagaState, name: string, changes: Partial<StepState>): SagaState {
  const known = stepOf(state, name) ?? BEGUN
  return { ...state, steps: { ...state.steps, [name]: { ...known, ...changes } } }
}

/** The same for the compensation of a step. */
export function withUndo(state: SagaState, name: string, changes: Partial<UndoState>): SagaState {
  const known = stepOf(state, name)?.undo ?? { status: 'running', attempts: 0, startedAt: '' }
  return withStep(state, name, { undo: { ...known, ...changes } })
}

/** Without a value that is not needed any more: it would be in every snapshot. */
export function withoutCommands(state: SagaState, name: string): SagaState {
  const known = stepOf(state, name)
  if (!known) return state
  const { commands: _, ...rest } = known
  return { ...state, steps: { ...state.steps, [name]: rest } }
}
