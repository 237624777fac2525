import type { DataOf } from '../../streams/events/event-types.ts'
import type { sagaEvents } from './events.ts'
import { withStep, withUndo, withoutCommands } from './evolve.ts'
import { type SagaState, noSaga, stepOf } from './state.ts'

export type SagaEventType = keyof typeof sagaEvents

/** The data of an event of a saga. */
export type SagaData<Type extends SagaEventType> = DataOf<(typeof sagaEvents)[Type]>

type Folds = {
  [Type in SagaEventType]: (
    state: SagaState,
    event: { readonly data: SagaData<Type>; readonly time: string },
  ) => SagaState
}

/** What each event makes of the state. */
export const folds: Folds = {
  'saga.started': (_, { data: { version, input } }) => ({ ...noSaga, status: 'running', version, input }),
  'saga.step-started': (state, { data: { step, attempt, commands }, time }) =>
    withStep(state, step, {
      status: 'running',
      attempts: attempt,
      commands,
      startedAt: stepOf(state, step)?.startedAt ?? time,
    }),
  'saga.step-waiting': (state, { data: { step }, time }) =>
    withStep(state, step, { status: 'waiting', attempts: 1, startedAt: time }),
  'saga.step-succeeded': (state, { data: { step, replies, heard }, time }) =>
    withoutCommands(
      withStep(withoutEarly(state, step), step, {
        status: 'succeeded',
        finishedAt: time,
        ...(replies && { replies }),
        ...(heard !== undefined && { heard }),
      }),
      step,
    ),
  'saga.step-failed': (state, { data: { step, failure, retryAt, doubtful = false }, time }) =>
    retryAt === undefined
      ? withStep(withoutEarly(state, step), step, { status: 'failed', finishedAt: time, failure, doubtful })
      : withStep(state, step, { status: 'retrying', failure }),
  'saga.step-doubtful': (state, { data: { step } }) => ({
    ...withStep(state, step, { doubtful: true }),
    status: state.status === 'compensated' ? 'compensating' : state.status,
  }),
  'saga.signalled': (state, { data: { step, data } }) => withEarly(state, step, data),
  'saga.observed': (state, { data: { step, data } }) => withEarly(state, step, data),
  'saga.cancelled': (state, { data: { reason } }) => ({ ...state, reason }),
  'saga.compensating': (state, { data: { reason } }) => ({ ...state, status: 'compensating', reason }),
  'saga.compensation-started': (state, { data: { step, attempt, commands }, time }) =>
    withUndo(state, step, {
      status: 'running',
      attempts: attempt,
      commands,
      startedAt: stepOf(state, step)?.undo?.startedAt ?? time,
    }),
  'saga.compensation-succeeded': (state, { data: { step }, time }) =>
    withUndo(state, step, { status: 'succeeded', finishedAt: time, commands: [] }),
  'saga.compensation-failed': (state, { data: { step, failure, retryAt }, time }) =>
    withUndo(
      state,
      step,
      retryAt === undefined
        ? { status: 'failed', finishedAt: time, failure }
        : { status: 'retrying', failure },
    ),
  'saga.parked': (state, { data: { step } }) => ({
    ...state,
    status: 'parked',
    parked: { step, from: state.status === 'compensating' ? 'compensating' : 'running' },
  }),
  'saga.resumed': ({ parked, ...state }) => ({ ...state, status: parked?.from ?? state.status }),
  'saga.completed': (state) => ({ ...state, status: 'completed' }),
  'saga.compensated': (state) => ({ ...state, status: 'compensated' }),
  'saga.abandoned': (state, { data: { reason } }) => ({ ...state, status: 'abandoned', reason }),
}

function withEarly(state: SagaState, step: string, data: unknown): SagaState {
  return { ...state, early: { ...state.early, [step]: data } }
}

function withoutEarly(state: SagaState, step: string): SagaState {
  if (!Object.hasOwn(state.early, step)) return state
  const { [step]: _, ...early } = state.early
  return { ...state, early }
}
