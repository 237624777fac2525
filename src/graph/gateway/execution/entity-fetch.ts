import type { EntityFetch } from '../plan/nodes.ts'
import type { Subgraph, SubgraphResult } from '../subgraph.ts'
import type { TypeConditions } from '../supergraph.ts'
import { ask } from './ask.ts'
import { prepareBatch } from './entity-batch.ts'
import { type Asked, entityFailures, leave } from './entity-failures.ts'
import type { Execution, Step } from './execution.ts'
import { keepExtensions } from './extensions.ts'
import { pick } from './pick.ts'
import { subgraphOperation } from './subgraph-operation.ts'

/** Fetches fields of entities: one request for all of them, wherever they stand. */
export function prepareEntityFetch(
  { operation: planned, batches: plannedBatches }: EntityFetch,
  subgraph: Subgraph,
  types: TypeConditions,
): Step {
  const operation = subgraphOperation(planned)
  const batches = plannedBatches.map((batch) => prepareBatch(batch, types))
  const failures = entityFailures(subgraph.name, operation, types)

  return (execution) => {
    const asked = batches.map((batch) => ({ batch, gathered: batch.gather(execution) }))
    if (asked.every(({ gathered }) => gathered.places.length === 0)) return undefined
    const variables = pick(execution.variables, planned.variables)
    for (const { batch, gathered } of asked) variables[batch.variable] = gathered.representations
    return fetch(execution, asked, variables)
  }

  async function fetch(execution: Execution, asked: Asked[], variables: Record<string, unknown>) {
    const { request } = execution
    try {
      accept(execution, asked, await ask(subgraph, { operation, variables, request }))
    } catch (cause) {
      failures.unanswered(execution, asked, cause)
    }
  }

  function accept(execution: Execution, asked: Asked[], { data, errors, extensions }: SubgraphResult) {
    keepExtensions(execution, extensions)
    // Before anything is merged: where things stand is found by what they have been until now.
    for (const error of errors ?? []) failures.passOn(execution, asked, error)
    for (const one of asked) {
      const entities = data?.[one.batch.key]
      if (Array.isArray(entities) && entities.length === one.gathered.representations.length) {
        one.batch.accept(execution, one.gathered, entities)
        continue
      }
      if (!errors?.length) failures.invalid(execution, asked)
      leave(execution, one)
    }
  }
}
