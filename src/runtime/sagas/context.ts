import { type Context, SAGAS } from '../define-context.ts'

/**
 * What the sagas of these contexts come to: a context of its own, whose aggregates are the instances. So they are read, projected
 * and shown as everything else is. Undefined when there are none.
 */
export function sagasContext(contexts: readonly Context[]): Context | undefined {
  const sagas = contexts.flatMap((context) => context.sagas)
  if (sagas.length === 0) return undefined
  return {
    name: SAGAS,
    aggregates: sagas.map(({ aggregate }) => aggregate),
    transactions: [],
    projections: [],
    graph: undefined,
    feeds: [],
    reactors: [],
    sagas: [],
  }
}
