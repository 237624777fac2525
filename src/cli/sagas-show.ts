import { z } from 'zod'
import { hasColumns } from '../graph/reads/as-of.ts'
import { type SagaRow, sagaProjection } from '../runtime/sagas/projection.ts'
import { type SagaAggregate, sagaAggregate } from '../sagas/machine/aggregate.ts'
import type { Commit } from '../streams/events/commit.ts'
import { recordedEvent } from '../streams/events/recorded-event.ts'
import type { FoundSaga } from './sagas-session.ts'
import { type Transition, transitionOf } from './sagas-timeline.ts'

/** A saga out of its log: how it stands, and every transition. */
export interface ShownSaga {
  /** Undefined when the log holds what this release does not know. */
  row: SagaRow | undefined
  transitions: Transition[]
}

/** Reads a saga's log, and folds it as the table is folded; PostgreSQL is not asked. */
export async function readSaga({ name, log, subject }: FoundSaga): Promise<ShownSaga> {
  const transitions: Transition[] = []
  const aggregate = anySaga(name)
  const projection = sagaProjection([aggregate])
  let row: Record<string, unknown> | null | undefined = null
  for await (const commit of log.read.forwards(subject, 1)) {
    transitions.push(...commit.events.map((event) => transitionOf(event)))
    if (row !== undefined) row = folded(row, commit)
  }
  return { row: hasColumns(projection, row) ? row : undefined, transitions }

  function folded(from: Record<string, unknown> | null, commit: Commit) {
    if (!commit.events.every(({ type }) => aggregate.types.has(type))) return undefined
    return commit.events.reduce<Record<string, unknown> | null>(
      (state, event) => projection.evolve(state, recordedEvent(aggregate.types, event, commit)),
      from,
    )
  }
}

/** All sagas have the same events: those of one can be read without its definition. */
function anySaga(name: string): SagaAggregate {
  const plan = { version: 1, input: z.unknown(), deadlineMs: undefined, stages: [] }
  return sagaAggregate(name, new Map([[1, plan]]), 1)
}
