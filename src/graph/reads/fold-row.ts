import type { FoldProjection } from '../../projections/definition/definition.ts'
import { EventNotApplicableError } from '../../streams/events/event-not-applicable.ts'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'

/** What a fold makes: a row whose types the declaration has checked, null for none. */
export type Folded = Record<string, unknown> | null

/**
 * The row that an event leaves behind.
 * @throws EventNotApplicableError when the fold does, with what it threw as the cause
 */
export function foldRow(
  projection: Pick<FoldProjection, 'name' | 'evolve'>,
  row: Folded,
  event: RecordedEvent,
): Folded {
  try {
    return projection.evolve(row, event)
  } catch (cause) {
    const { aggregate, aggregateId: id, version } = event
    throw new EventNotApplicableError(
      { aggregate, id },
      {
        which: `the event of version ${version}`,
        effect: `the projection ${projection.name} has no state from there on`,
        cause,
      },
    )
  }
}

/**
 * The row that a history leaves behind.
 * @throws EventNotApplicableError
 */
export const foldRows = (
  projection: Pick<FoldProjection, 'name' | 'evolve'>,
  events: readonly RecordedEvent[],
): Folded => events.reduce<Folded>((row, event) => foldRow(projection, row, event), null)
