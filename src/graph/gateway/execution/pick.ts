import type { Tree } from './tree.ts'

/** Those of the client's variables that a fetch uses. Where one was not given, the operation has its default. */
export function pick(variables: Readonly<Tree>, names: readonly string[]): Tree {
  const picked: Tree = {}
  for (const name of names) {
    const value = variables[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}
