import type { GraphContext } from '../context/context.ts'
import type { GraphDefinition } from './define-graph.ts'
import { ForbiddenError } from '../errors.ts'

/** The aggregates whose objects not everybody may see: their bare events are then for nobody, since no hook can judge them. */
export function guardedAggregates(graphs: readonly GraphDefinition[]): ReadonlySet<string> {
  const entities = graphs.flatMap(({ entities: own = [] }) => own)
  return new Set(
    entities.flatMap((entity) =>
      entity.authorize && 'key' in entity ? (entity.aggregates ?? entity.aggregate ?? []) : [],
    ),
  )
}

/** @throws ForbiddenError when the events of the aggregate can be had through its entity alone */
export function assertOpen({ guarded }: GraphContext, aggregate: string): void {
  if (guarded.has(aggregate))
    throw new ForbiddenError(`the events of ${aggregate} by themselves; ask for allEvents of the object`)
}
