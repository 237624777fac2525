import type { TypeConditions } from '../supergraph.ts'

/** An object of the data as it is put together: fields under their response keys. */
export type Tree = Record<string, unknown>

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Adds what another fetch knows of the same object. What comes is not copied: it belongs to the tree afterwards. A null
 * takes nothing away: where a subgraph does not know a shared value, another may.
 */
export function merge(target: Tree, source: Tree, types: TypeConditions): void {
  for (const key in source) {
    // Not a field: it would lead to what all objects have in common.
    if (key === '__proto__') continue
    const value = source[key]
    const present = target[key]
    if (present === undefined || present === null) target[key] = value
    else if (value === null || value === undefined) continue
    else if (typeof value === 'object') target[key] = joined(present, value, types)
    else if (key !== '__typename' || isNarrower(value, present, types)) target[key] = value
  }
}

/** A subgraph that has an interface as an object (@interfaceObject) says its name; one that knows better may correct it. */
function isNarrower(value: unknown, present: unknown, types: TypeConditions): boolean {
  return typeof value === 'string' && typeof present === 'string' && types.fits(present, value)
}

/** The two of them in one, in the place of the first. */
function joined(present: unknown, value: unknown, types: TypeConditions): unknown {
  if (Array.isArray(present) && Array.isArray(value) && present.length === value.length) {
    for (const [index, item] of value.entries()) {
      const known: unknown = present[index]
      if (item === null || item === undefined) continue
      present[index] = known === null || known === undefined ? item : joined(known, item, types)
    }
    return present
  }
  if (!isTree(present) || !isTree(value)) return value
  merge(present, value, types)
  return present
}

/** For an entity that stands in places which the plan goes on with in different ways. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  return isTree(value) ? copyOfTree(value) : value
}

export function copyOfTree(tree: Tree): Tree {
  const copy: Tree = {}
  for (const key in tree) copy[key] = copyOf(tree[key])
  return copy
}
