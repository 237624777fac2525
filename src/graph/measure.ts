import { type FieldNode, type SelectionSetNode, type ValidationContext, Kind } from 'graphql/index.js'

/** How the parts of an operation come to one number. */
export interface Measure {
  field: (node: FieldNode, within: number) => number
  join: (one: number, other: number) => number
}

/**
 * Measures a set of selections with its fragments opened. Each fragment is measured once, however often it is used, so that
 * the work is bounded by the length of the document; one that leads back to itself has no end.
 */
export function measureSelections(
  selections: SelectionSetNode,
  context: ValidationContext,
  { field, join }: Measure,
): number {
  const known = new Map<string, number>()

  function ofSet({ selections }: SelectionSetNode): number {
    return selections.reduce((sum, selection) => join(sum, ofSelection(selection)), 0)
  }

  function ofSelection(selection: SelectionSetNode['selections'][number]): number {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value)
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet)
    return field(selection, selection.selectionSet ? ofSet(selection.selectionSet) : 0)
  }

  function ofFragment(name: string): number {
    const measured = known.get(name)
    if (measured !== undefined) return measured
    known.set(name, Number.POSITIVE_INFINITY)
    const fragment = context.getFragment(name)
    const size = fragment ? ofSet(fragment.selectionSet) : 0
    known.set(name, size)
    return size
  }

  return ofSet(selections)
}
