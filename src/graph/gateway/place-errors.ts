import { GraphQLError } from 'graphql/index.js'
import type { Answer } from './completion/complete-operation.ts'
import { type Tree, isTree } from './execution/tree.ts'

/**
 * An answer as a tree that has its errors in the place of the nulls they explain: what graphql-js takes for a field that has
 * thrown. An error that explains no null has no place there.
 */
export function placeErrors({ data, errors }: Answer): Tree {
  const tree = data ?? {}
  for (const error of errors) place(tree, error)
  return tree
}

function place(tree: Tree, error: GraphQLError): void {
  let at: unknown = tree
  for (const step of error.path ?? []) {
    if (typeof at !== 'object' || at === null || at instanceof GraphQLError) return
    // A path comes from a subgraph: it must not lead out of the data.
    if (step === '__proto__') return
    const value: unknown = Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined
    if (value === null || value === undefined) {
      if (isTree(at) || Array.isArray(at)) Reflect.set(at, step, error)
      return
    }
    at = value
  }
}
