import type { GraphQLFormattedError } from 'graphql/index.js'
import type { SubgraphOperation } from '../subgraph.ts'
import type { TypeConditions } from '../supergraph.ts'
import { invalidResult, passedOn, unanswered } from './client-errors.ts'
import type { ResponsePath } from './data-path.ts'
import type { Gathered, PreparedBatch } from './entity-batch.ts'
import type { Execution } from './execution.ts'
import { firstKey } from './first-key.ts'
import { rewritePath } from './rewrite.ts'

/** The entities of one batch that a request asks for. */
export interface Asked {
  readonly batch: PreparedBatch
  readonly gathered: Gathered
}

/** What is told, and left incomplete, when a fetch of entities fails, wholly or in part. */
export interface EntityFailures {
  /** There is no result. */
  unanswered(execution: Execution, asked: readonly Asked[], cause: unknown): void
  /** An error of the result, at each place where the entity stands that it is of. */
  passOn(execution: Execution, asked: readonly Asked[], error: GraphQLFormattedError): void
  /** The result has not what was asked. */
  invalid(execution: Execution, asked: readonly Asked[]): void
}

export function entityFailures(
  subgraph: string,
  operation: SubgraphOperation,
  types: TypeConditions,
): EntityFailures {
  /** The first of the fields that will be missing. */
  function placeOf(execution: Execution, asked: readonly Asked[]): ResponsePath | undefined {
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

  return {
    unanswered(execution, asked, cause) {
      execution.errors.push(unanswered(subgraph, cause, placeOf(execution, asked)))
      for (const one of asked) leave(execution, one)
    },
    passOn(execution, asked, error) {
      const [key, representation, ...rest] = error.path ?? []
      const of = asked.find(({ batch }) => batch.key === key)
      const places =
        of && typeof representation === 'number'
          ? of.batch.locate(execution, of.gathered, representation)
          : []
      if (!of || places.length === 0) {
        execution.errors.push(passedOn(subgraph, error, placeOf(execution, asked)))
        for (const one of asked) leave(execution, one)
      } else {
        const below = rewritePath(rest, of.batch.output)
        execution.errors.push(...places.map((place) => passedOn(subgraph, error, [...place, ...below])))
      }
    },
    invalid(execution, asked) {
      execution.errors.push(invalidResult(subgraph, placeOf(execution, asked)))
    },
  }
}

/** The entities do not get what they were to get. */
export function leave({ incomplete }: Execution, { gathered }: Asked): void {
  for (const { object } of gathered.places) incomplete.add(object)
}
