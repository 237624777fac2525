import type { GraphQLFormattedError } from 'graphql/index.js'
import type { EntityFetch } from '../plan/nodes.ts'
import type { Subgraph, SubgraphResult } from '../subgraph.ts'
import type { TypeConditions } from '../supergraph.ts'
import { ask } from './ask.ts'
import { invalidResult, passedOn, unanswered } from './client-errors.ts'
import type { ResponsePath } from './data-path.ts'
import { type Gathered, type PreparedBatch, prepareBatch } from './entity-batch.ts'
import type { Execution, Step } from './execution.ts'
import { keepExtensions } from './extensions.ts'
import { firstKey } from './first-key.ts'
import { pick } from './pick.ts'
import { rewritePath } from './rewrite.ts'
import { subgraphOperation } from './subgraph-operation.ts'

interface Asked {
  readonly batch: PreparedBatch
  readonly gathered: Gathered
}

/** Fetches fields of entities: one request for all of them, wherever they stand. */
export function prepareEntityFetch(
  { operation: planned, batches: plannedBatches }: EntityFetch,
  subgraph: Subgraph,
  types: TypeConditions,
): Step {
  const operation = subgraphOperation(planned)
  const batches = plannedBatches.map((batch) => prepareBatch(batch, types))

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
      execution.errors.push(unanswered(subgraph.name, cause, placeOf(execution, asked)))
      for (const one of asked) leave(execution, one)
    }
  }

  function accept(execution: Execution, asked: Asked[], { data, errors, extensions }: SubgraphResult) {
    keepExtensions(execution, extensions)
    // Before anything is merged: where things stand is found by what they have been until now.
    for (const error of errors ?? []) report(execution, asked, error)
    for (const one of asked) {
      const entities = data?.[one.batch.key]
      if (Array.isArray(entities) && entities.length === one.gathered.representations.length) {
        one.batch.accept(execution, one.gathered, entities)
        continue
      }
      if (!errors?.length) execution.errors.push(invalidResult(subgraph.name, placeOf(execution, asked)))
      leave(execution, one)
    }
  }

  /** An error of a subgraph, at each place where the entity stands that it is of. */
  function report(execution: Execution, asked: Asked[], error: GraphQLFormattedError) {
    const [key, representation, ...rest] = error.path ?? []
    const of = asked.find(({ batch }) => batch.key === key)
    const places =
      of && typeof representation === 'number' ? of.batch.locate(execution, of.gathered, representation) : []
    if (!of || places.length === 0) {
      execution.errors.push(passedOn(subgraph.name, error, placeOf(execution, asked)))
      for (const one of asked) leave(execution, one)
    } else {
      const below = rewritePath(rest, of.batch.output)
      execution.errors.push(...places.map((place) => passedOn(subgraph.name, error, [...place, ...below])))
    }
  }

  function leave({ incomplete }: Execution, { gathered }: Asked) {
    for (const { object } of gathered.places) incomplete.add(object)
  }

  /** The first of the fields that will be missing. */
  function placeOf(execution: Execution, asked: Asked[]): ResponsePath | undefined {
    const one = asked.find(({ gathered }) => gathered.places.length > 0)
    const first = one?.gathered.places[0]
    if (!one || !first) return undefined
    const [place] = one.batch.locate(execution, one.gathered, first.representation)
    const { __typename: type } = first.object
    const key = firstKey(
      operation.document,
      one.batch.key,
      (condition) => typeof type === 'string' && (types.fits(condition, type) || types.fits(type, condition)),
    )
    return place && key !== undefined ? [...place, ...rewritePath([key], one.batch.output)] : place
  }
}
