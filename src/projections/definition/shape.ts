import { createHash } from 'node:crypto'
import type { ProjectionDefinition } from './definition.ts'

/**
 * A hash of what a projection's table looks like and what it is made from. It catches a change whose author forgot to
 * raise the version; a change of `evolve` or `migrate` it cannot see.
 */
export function shapeOf(projection: ProjectionDefinition): string {
  const { family } = projection
  const from =
    family === undefined ? projection.from.map(({ name }) => name).toSorted() : `the family ${family}`
  const columns =
    projection.kind === 'fold'
      ? Object.entries(projection.columns).map(([name, { kind, isKey, isNullable, isIndexed }]) => [
          name,
          kind,
          isKey,
          isNullable,
          isIndexed,
        ])
      : []
  const description = JSON.stringify({ kind: projection.kind, from, columns })
  return createHash('sha256').update(description).digest('hex').slice(0, 32)
}
