import type { DataPath } from '../plan/nodes.ts'
import type { TypeConditions } from '../supergraph.ts'
import { type Tree, isTree } from './tree.ts'

/** A path in the answer, as clients get it. */
export type ResponsePath = readonly (string | number)[]

/** The objects at a path, in order; one that stands in several places comes as often. */
export function objectsAt(data: Tree, path: DataPath, types: TypeConditions): Tree[] {
  const found: Tree[] = []
  collect(data, 0)
  return found

  function collect(value: unknown, at: number): void {
    if (Array.isArray(value)) {
      for (const item of value) collect(item, at)
    } else if (isTree(value)) {
      const step = path[at]
      if (!step) found.push(value)
      else if ('key' in step) collect(value[step.key], at + 1)
      else if (fitsAny(step.types, value, types)) collect(value, at + 1)
    }
  }
}

/** Calls `visit` for each object at a path, with where it stands. Slower than `objectsAt`: for errors. */
export function locateAt(
  data: Tree,
  path: DataPath,
  types: TypeConditions,
  visit: (object: Tree, place: ResponsePath) => void,
): void {
  walk(data, 0, [])

  function walk(value: unknown, at: number, place: ResponsePath): void {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, at, [...place, index])
    } else if (isTree(value)) {
      const step = path[at]
      if (!step) visit(value, place)
      else if ('key' in step) walk(value[step.key], at + 1, [...place, step.key])
      else if (fitsAny(step.types, value, types)) walk(value, at + 1, place)
    }
  }
}

function fitsAny(conditions: readonly string[], { __typename }: Tree, types: TypeConditions): boolean {
  // Where nothing but one type can stand, the plan asks for no name of it.
  return typeof __typename !== 'string' || conditions.some((condition) => types.fits(condition, __typename))
}
