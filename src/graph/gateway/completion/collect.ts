import { type FieldNode, type SelectionSetNode, Kind } from 'graphql/index.js'
import type { Fragments } from '../../syntax/fragments.ts'
import { type Guards, guardsOf } from './guards.ts'

/** A selection set, and what has to hold for it to count. */
export interface GuardedSelections {
  readonly selections: SelectionSetNode
  readonly guards: Guards
}

export interface GuardedField {
  readonly node: FieldNode
  readonly guards: Guards
}

/**
 * The fields of selection sets by response key, in the order of the answer, whatever variables may leave out of them.
 * https://spec.graphql.org/October2021/#sec-Field-Collection
 *
 * @param fits which fragments concern the object
 */
export function collectFields(
  from: readonly GuardedSelections[],
  fragments: Fragments,
  fits: (condition: string) => boolean,
): Map<string, GuardedField[]> {
  const fields = new Map<string, GuardedField[]>()
  const opened = new Set<string>()
  for (const { selections, guards } of from) collect(selections, guards)
  return fields

  function collect({ selections }: SelectionSetNode, around: Guards): void {
    for (const selection of selections) {
      const guards = guardsOf(selection.directives, around)
      if (!guards) continue
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value
        const field = { node: selection, guards }
        const same = fields.get(key)
        if (same) same.push(field)
        else fields.set(key, [field])
        continue
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value
        if (condition === undefined || fits(condition)) collect(selection.selectionSet, guards)
        continue
      }
      const name = selection.name.value
      const fragment = fragments.get(name)
      if (!fragment || opened.has(name) || !fits(fragment.typeCondition.name.value)) continue
      // Once opened with nothing to hold, it brings nothing new: without this, fragments in fragments double at every level.
      if (guards.length === 0) opened.add(name)
      collect(fragment.selectionSet, guards)
    }
  }
}
