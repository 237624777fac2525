import type { DataPath, Rewrite } from '../plan/nodes.ts'
import type { TypeConditions } from '../supergraph.ts'
import type { ResponsePath } from './data-path.ts'
import { type Tree, isTree } from './tree.ts'

/** Makes the changes that a plan asks for, in the object itself. Undefined when there are none. */
export function compileRewrites(
  rewrites: readonly Rewrite[],
  types: TypeConditions,
): ((object: Tree) => void) | undefined {
  if (rewrites.length === 0) return undefined
  return (object) => {
    for (const rewrite of rewrites) apply(object, rewrite, rewrite.path, types)
  }
}

function apply(value: unknown, rewrite: Rewrite, [step, ...rest]: DataPath, types: TypeConditions): void {
  if (Array.isArray(value)) {
    for (const item of value) apply(item, rewrite, step ? [step, ...rest] : [], types)
  } else if (isTree(value) && step) {
    if ('types' in step) {
      const { __typename: type } = value
      const fits = typeof type === 'string' && step.types.some((condition) => types.fits(condition, type))
      if (fits) apply(value, rewrite, rest, types)
    } else if (rest.length > 0) apply(value[step.key], rewrite, rest, types)
    else change(value, step.key, rewrite)
  }
}

function change(object: Tree, key: string, rewrite: Rewrite): void {
  if ('set' in rewrite) object[key] = rewrite.set
  else if (Object.hasOwn(object, key)) {
    object[rewrite.rename] = object[key]
    delete object[key]
  }
}

/** The path of an error under the keys that clients know. Types are not looked at: invented keys are unique in a fetch. */
export function rewritePath(path: ResponsePath, rewrites: readonly Rewrite[]): ResponsePath {
  const renames = rewrites.flatMap((rewrite) => {
    const last = rewrite.path.at(-1)
    return 'rename' in rewrite && last && 'key' in last ? [[last.key, rewrite.rename] as const] : []
  })
  const names = new Map<string | number, string>(renames)
  return path.map((step) => names.get(step) ?? step)
}
