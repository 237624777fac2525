import type { EntityBatch } from '../plan/nodes.ts'
import type { TypeConditions } from '../supergraph.ts'
import { type ResponsePath, locateAt, objectsAt } from './data-path.ts'
import type { Execution } from './execution.ts'
import { compileRepresentation, keyOf } from './representation.ts'
import { compileRewrites } from './rewrite.ts'
import { type Tree, copyOfTree, isTree, merge } from './tree.ts'

/** The entities of a batch in one run: each is asked for once, however often it stands in the data. */
export interface Gathered {
  readonly representations: readonly Tree[]
  /** Where each entity stands: which representation, and by which of the paths. */
  readonly places: readonly { object: Tree; representation: number; path: number }[]
}

export interface PreparedBatch {
  readonly key: string
  readonly variable: string
  readonly output: EntityBatch['output']
  gather(execution: Execution): Gathered
  /**
   * Adds the fields that have come. A null is an entity that does not exist, which is an answer: nothing is added to it, and what
   * must not be null makes it null without an error.
   */
  accept(execution: Execution, gathered: Gathered, entities: readonly unknown[]): void
  /** Where the objects of a representation are; found out again, for errors are rare. */
  locate(execution: Execution, gathered: Gathered, representation: number): ResponsePath[]
}

export function prepareBatch(
  { key, variable, paths, requires, input, output }: EntityBatch,
  types: TypeConditions,
): PreparedBatch {
  const represent = compileRepresentation(requires, input, types)
  const rewrite = compileRewrites(output, types)

  return {
    key,
    variable,
    output,
    gather({ data, variables, errors, incomplete }) {
      const representations: Tree[] = []
      const places: { object: Tree; representation: number; path: number }[] = []
      const known = new Map<string, number>()
      for (const [path, steps] of paths.entries()) {
        for (const object of objectsAt(data, steps, types)) {
          const representation = represent(object, variables)
          if (!representation) {
            // It is none of these types, or what it is found by could not be fetched either: then that has been told.
            if (errors.length > 0) incomplete.add(object)
            continue
          }
          const content = keyOf(representation)
          const same = known.get(content) ?? representations.length
          if (same === representations.length) {
            representations.push(representation)
            known.set(content, same)
          }
          places.push({ object, representation: same, path })
        }
      }
      return { representations, places }
    },
    accept({ incomplete }, { places }, entities) {
      if (rewrite) for (const entity of entities) if (isTree(entity)) rewrite(entity)
      const givenTo = new Map<number, number>()
      for (const { object, representation, path } of places) {
        const entity = entities[representation]
        if (!isTree(entity)) {
          incomplete.add(object)
          continue
        }
        const first = paths.length === 1 ? path : (givenTo.get(representation) ?? path)
        if (paths.length > 1) givenTo.set(representation, first)
        // By another path the plan goes on in another way: what it adds there is not to be seen here.
        merge(object, first === path ? entity : copyOfTree(entity), types)
      }
    },
    locate({ data }, { places }, representation) {
      const objects = new Set(
        places.flatMap((place) => (place.representation === representation ? [place.object] : [])),
      )
      const found: ResponsePath[] = []
      for (const steps of paths) {
        locateAt(data, steps, types, (object, place) => void (objects.has(object) && found.push(place)))
      }
      return found
    },
  }
}
