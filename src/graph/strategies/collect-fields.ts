import { type FieldNode, type SelectionSetNode, Kind } from 'graphql/index.js'
import type { Fragments } from '../syntax/fragments.ts'

/** What a selection asks of one type. */
export interface CollectedFields {
  /** By response key; several nodes when they are to be merged. */
  readonly fields: ReadonlyMap<string, readonly FieldNode[]>
  /** False when a fragment may or may not apply: on an interface, or on a type that is not known to be another object. */
  readonly isCertain: boolean
}

export interface CollectOptions {
  readonly type: string
  readonly fragments: Fragments
  /** Whether `@skip` and `@include` let it in. */
  readonly isIncluded: (node: Pick<FieldNode, 'directives'>) => boolean
  /** Object types by name: a fragment on another one than `type` does not apply. */
  readonly isObjectType: (name: string) => boolean
}

/**
 * The fields that selections ask of a type, fragments opened (GraphQL specification, 6.3.2 CollectFields). A fragment that
 * may apply is opened as well.
 */
export function collectFields(
  selectionSets: readonly SelectionSetNode[],
  { type, fragments, isIncluded, isObjectType }: CollectOptions,
): CollectedFields {
  const fields = new Map<string, FieldNode[]>()
  const opened = new Set<string>()
  let isCertain = true

  function open(selectionSet: SelectionSetNode, condition: string | undefined): void {
    if (condition !== undefined && condition !== type) {
      if (isObjectType(condition)) return
      isCertain = false
    }
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection)) continue
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value
        fields.set(key, [...(fields.get(key) ?? []), selection])
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        open(selection.selectionSet, selection.typeCondition?.name.value)
      } else if (!opened.has(selection.name.value)) {
        opened.add(selection.name.value)
        const fragment = fragments.get(selection.name.value)
        if (fragment) open(fragment.selectionSet, fragment.typeCondition.name.value)
      }
    }
  }

  for (const selectionSet of selectionSets) open(selectionSet, undefined)
  return { fields, isCertain }
}

/** What is selected below fields that are merged into one. */
export function selectionsBelow(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
}
