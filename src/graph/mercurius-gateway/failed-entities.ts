import type { GraphQLError } from 'graphql/index.js'
import { randomUUID } from 'node:crypto'
import { isTree } from '../gateway/execution/tree.ts'

/**
 * The engine takes entities out of JSON, and what a subgraph says of those that failed it knows only as a whole. So in the
 * place of such an entity there is a mark, with the number of its error: wherever the engine puts it, the error is told. Nobody
 * can guess it: a value of the scalar JSON might hold it otherwise.
 */
const MARK = `__headwaterFailure_${randomUUID()}`

/**
 * Entities as the engine can read them.
 *
 * @param addedField the one field that is asked for, if it is one: the engine reads it even of nothing
 * @param numberOf of the error that explains why an entity is null
 */
export function markEntities(
  entities: readonly unknown[],
  addedField: string | undefined,
  numberOf: (place: number) => number | undefined,
): unknown[] {
  return entities.map((entity, place) => {
    if (entity !== null) return entity
    const number = numberOf(place)
    const mark = number === undefined ? null : { [MARK]: number }
    return addedField === undefined ? mark : { [addedField]: mark }
  })
}

/** What the engine has resolved, with errors in the place of marks, as graphql-js takes them. */
export function unmarked(value: unknown, failures: readonly GraphQLError[]): unknown {
  if (failures.length === 0) return value
  if (Array.isArray(value)) return value.map((item) => unmarked(item, failures))
  if (!isTree(value)) return value
  const number = value[MARK]
  return (typeof number === 'number' ? failures[number] : undefined) ?? value
}
