import { type FieldNode, type SelectionSetNode, Kind } from 'graphql/index.js'
import type { Fragments } from '../syntax/fragments.ts'

/**
 * Counts the pairs of fields that have the same name in the answer at the same place. graphql-js compares each of them to find
 * those that cannot be merged (OverlappingFieldsCanBeMergedRule): 4,990 times `id` take it seconds.
 * https://spec.graphql.org/September2025/#sec-Field-Selection-Merging
 */
export function countRepetitions(root: SelectionSetNode, fragments: Fragments): number {
  let pairs = 0
  const places = [[root]]
  for (const sets of places) {
    for (const fields of byResponseName(sets, fragments).values()) {
      pairs += (fields.length * (fields.length - 1)) / 2
      const within = fields.flatMap(({ selectionSet }) => selectionSet ?? [])
      if (within.length > 0) places.push(within)
    }
  }
  return pairs
}

/** The fields that come together in one object of the answer. */
function byResponseName(sets: readonly SelectionSetNode[], fragments: Fragments): Map<string, FieldNode[]> {
  const named = new Map<string, FieldNode[]>()
  const spread = new Set<string>()
  const open = [...sets]
  for (const { selections } of open) {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) open.push(selection.selectionSet)
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value
        const fields = named.get(name)
        if (fields) fields.push(selection)
        else named.set(name, [selection])
      }
      if (selection.kind !== Kind.FRAGMENT_SPREAD || spread.has(selection.name.value)) continue
      spread.add(selection.name.value)
      const fragment = fragments.get(selection.name.value)
      if (fragment) open.push(fragment.selectionSet)
    }
  }
  return named
}
