import { type Context, SAGAS } from '../define-context.ts'
import { authorizeAll } from './authorize.ts'
import { eventReactors } from '../../sagas/event-reactors.ts'
import { sagaGraph } from './graph.ts'
import { sagaProjection } from './projection.ts'

/**
 * What the sagas of these contexts come to: a context of its own, whose aggregates are the instances. So they are read, projected
 * and shown as everything else is. Undefined when there are none.
 */
export function sagasContext(contexts: readonly Context[]): Context | undefined {
  const sagas = contexts.flatMap((context) => context.sagas)
  const aggregates = sagas.map(({ aggregate }) => aggregate)
  if (aggregates.length === 0) return undefined
  const projection = sagaProjection(aggregates)
  const authorize = authorizeAll(contexts)
  return {
    name: SAGAS,
    aggregates,
    transactions: [],
    projections: [projection],
    graph: [
      sagaGraph({ aggregates, projection, ...(authorize && { authorize }) }),
      ...contexts.flatMap((context) => context.sagaGraph ?? []),
    ],
    feeds: [],
    reactors: sagas.flatMap(eventReactors),
    sagas: [],
  }
}
