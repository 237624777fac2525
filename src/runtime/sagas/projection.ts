import { z } from 'zod'
import { type RowOf, column } from '../../projections/definition/column.ts'
import { defineProjection } from '../../projections/definition/define-projection.ts'
import { type SagaData, type SagaEventType, folds } from '../../sagas/machine/folds.ts'
import type { SagaAggregate } from '../../sagas/machine/aggregate.ts'
import { type SagaState, isEnded, noSaga } from '../../sagas/machine/state.ts'
import { SAGAS } from '../define-context.ts'
import {
  type Announced,
  type ReasonView,
  type StepView,
  compensationsOf,
  currentStepOf,
  stepsOf,
} from './view.ts'

const columns = {
  /** `<name>.<id>`: two sagas may have the same id. */
  id: column.text().key(),
  saga_id: column.text().index(),
  name: column.text().index(),
  status: column.text().index(),
  current_step: column.text().nullable(),
  started_at: column.timestamp().index(),
  updated_at: column.timestamp(),
  finished_at: column.timestamp().nullable(),
  version: column.bigint(),
  steps: column.json(z.custom<readonly StepView[]>()),
  compensations: column.json(z.custom<readonly StepView[]>()),
  reason: column.json(z.custom<ReasonView>()).nullable(),
  /** The code of the reason. */
  failure_code: column.text().nullable(),
  input: column.json(z.unknown()).nullable(),
  /** What the saga's own decisions rest on, but for the input. */
  state: column.json(z.custom<Omit<SagaState, 'input'>>()),
}

export type SagaRow = RowOf<typeof columns>

interface SagaEvent<Type extends SagaEventType> {
  readonly data: SagaData<Type>
  readonly aggregate: string
  readonly aggregateId: string
  readonly time: string
  readonly version: number
}

interface Told {
  announced?: Announced | undefined
  reason?: ReasonView
}

type Fold<Type extends SagaEventType> = (
  row: Readonly<SagaRow> | null,
  event: SagaEvent<Type>,
) => Readonly<SagaRow> | null

/** The machine's own fold, so that the table shows what the saga itself knows; and what is looked for, in columns. */
function folded<Type extends SagaEventType>(
  type: Type,
  tell: (data: SagaData<Type>) => Told = () => ({}),
): Fold<Type> {
  return (row, event) => {
    if (!row && type !== 'saga.started') return null
    const { data, time, version, aggregate, aggregateId } = event
    const before: SagaState = row ? { ...row.state, input: row.input } : noSaga
    const after = folds[type](before, { data, time })
    const { input, ...state } = after
    const { announced, reason: told } = tell(data)
    const steps = stepsOf(after, row?.steps ?? [], announced)
    const compensations = compensationsOf(after, row?.compensations ?? [], announced)
    const reason = told ?? reasonOf(after, row)
    return {
      id: `${aggregate}.${aggregateId}`,
      saga_id: aggregateId,
      name: aggregate,
      status: after.status.toUpperCase(),
      current_step: currentStepOf(after, steps, compensations),
      started_at: row?.started_at ?? time,
      updated_at: time,
      finished_at: isEnded(after) ? (row?.finished_at ?? time) : null,
      version,
      steps,
      compensations,
      reason,
      failure_code: reason?.code ?? null,
      input,
      state,
    }
  }
}

function reasonOf({ status, reason }: SagaState, row: Readonly<SagaRow> | null): ReasonView | null {
  if (status === 'parked') return row?.reason ?? null
  return reason ? { code: reason.code, detail: reason.detail } : null
}

const again = ({ step, retryAt }: { step: string; retryAt?: string | undefined }): Told => ({
  announced: retryAt === undefined ? undefined : { step, waitsFor: 'RETRY', until: retryAt },
})

const WAITS = { event: 'EVENT', decision: 'DECISION', time: 'TIME' } as const

/** All types: one that is left out would be missed in the state that the next one is folded into. */
const evolve: { [Type in SagaEventType]: Fold<Type> } = {
  'saga.started': folded('saga.started'),
  'saga.step-started': folded('saga.step-started'),
  'saga.step-waiting': folded('saga.step-waiting', ({ step, until = null, for: what }) => ({
    announced: { step, waitsFor: WAITS[what], until },
  })),
  'saga.step-succeeded': folded('saga.step-succeeded'),
  'saga.step-failed': folded('saga.step-failed', again),
  'saga.step-doubtful': folded('saga.step-doubtful'),
  'saga.signalled': folded('saga.signalled'),
  'saga.observed': folded('saga.observed'),
  'saga.cancelled': folded('saga.cancelled'),
  'saga.compensating': folded('saga.compensating'),
  'saga.compensation-started': folded('saga.compensation-started'),
  'saga.compensation-succeeded': folded('saga.compensation-succeeded'),
  'saga.compensation-failed': folded('saga.compensation-failed', again),
  'saga.parked': folded('saga.parked', ({ code, failure }) => ({
    reason: { code, detail: `${failure.code}: ${failure.detail}` },
  })),
  'saga.resumed': folded('saga.resumed'),
  'saga.completed': folded('saga.completed'),
  'saga.compensated': folded('saga.compensated'),
  'saga.abandoned': folded('saga.abandoned'),
}

/**
 * The current state of every saga, in tb_saga_projection, whatever it is called: another release may have others than this one.
 *
 * @param aggregates those that are known here
 */
export function sagaProjection(aggregates: readonly SagaAggregate[]) {
  return defineProjection({
    name: 'saga',
    version: 1,
    from: aggregates,
    family: SAGAS,
    columns,
    key: ({ aggregate, aggregateId }) => `${aggregate}.${aggregateId}`,
    evolve,
  })
}
