import { type SelectionNode, type SelectionSetNode, Kind } from 'graphql/index.js'
import type { Fragments } from '../syntax/fragments.ts'

/** What a set of selections comes to with its fragments opened wherever they are used; endless when one leads to itself. */
export interface OperationSize {
  /** Fields in each other, introspection left out. */
  levels: number
  /** Selections of any kind in each other, fragments among them: how deep recursion over it goes. */
  nesting: number
  fields: number
  aliases: number
  /** `__schema` and `__type`. */
  introspection: number
}

interface Frame {
  /** Whose selections these are; undefined for those that are measured. */
  readonly owner: SelectionNode | undefined
  readonly selections: readonly SelectionNode[]
  next: number
  size: OperationSize
}

const NOTHING: OperationSize = { levels: 0, nesting: 0, fields: 0, aliases: 0, introspection: 0 }
const ENDLESS: OperationSize = {
  levels: Number.POSITIVE_INFINITY,
  nesting: Number.POSITIVE_INFINITY,
  fields: Number.POSITIVE_INFINITY,
  aliases: Number.POSITIVE_INFINITY,
  introspection: Number.POSITIVE_INFINITY,
}

/**
 * Measures selections in one walk, whose work is bounded by the length of the document: each fragment is measured once, however
 * often it is used. It keeps its own stack, since what it measures may be deeper than the machine's.
 *
 * @param known the fragments that are measured; those found on the way are added
 */
export function measureSelections(
  set: SelectionSetNode,
  fragments: Fragments,
  known: Map<string, OperationSize>,
): OperationSize {
  const root = frame(undefined, set)
  const stack = [root]
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const selection = top.selections[top.next++]
    if (selection === undefined) {
      stack.pop()
      const parent = stack.at(-1)
      if (!parent || !top.owner) continue
      if (top.owner.kind === Kind.FRAGMENT_SPREAD) known.set(top.owner.name.value, top.size)
      parent.size = join(parent.size, sizeOf(top.owner, top.size))
      continue
    }
    const within =
      selection.kind === Kind.FRAGMENT_SPREAD ? spread(selection.name.value) : selection.selectionSet
    if (within && 'selections' in within) stack.push(frame(selection, within))
    else top.size = join(top.size, sizeOf(selection, within ?? NOTHING))
  }
  return root.size

  function spread(name: string): OperationSize | SelectionSetNode | undefined {
    const size = known.get(name)
    const set = fragments.get(name)?.selectionSet
    if (size || !set) return size
    known.set(name, ENDLESS)
    return set
  }
}

const frame = (owner: SelectionNode | undefined, { selections }: SelectionSetNode): Frame => ({
  owner,
  selections,
  next: 0,
  size: NOTHING,
})

function sizeOf(selection: SelectionNode, within: OperationSize): OperationSize {
  const nesting = within.nesting + 1
  if (selection.kind !== Kind.FIELD) return { ...within, nesting }
  const name = selection.name.value
  return {
    levels: name.startsWith('__') ? 0 : within.levels + 1,
    nesting,
    fields: within.fields + 1,
    aliases: within.aliases + (selection.alias ? 1 : 0),
    introspection: within.introspection + (name === '__schema' || name === '__type' ? 1 : 0),
  }
}

const join = (one: OperationSize, other: OperationSize): OperationSize => ({
  levels: Math.max(one.levels, other.levels),
  nesting: Math.max(one.nesting, other.nesting),
  fields: one.fields + other.fields,
  aliases: one.aliases + other.aliases,
  introspection: one.introspection + other.introspection,
})
