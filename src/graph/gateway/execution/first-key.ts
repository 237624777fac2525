import { type DocumentNode, type SelectionSetNode, Kind } from 'graphql/index.js'

/**
 * The response key of the first field that an operation asks for, or that it asks for below one of its root fields: the place
 * to tell that all of them are missing.
 *
 * @param fits which fragments concern the object that it is told of
 */
export function firstKey(
  { definitions }: DocumentNode,
  below: string | undefined,
  fits: (condition: string) => boolean,
): string | undefined {
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  const field = operation?.selectionSet.selections.find(
    (one) => one.kind === Kind.FIELD && (one.alias ?? one.name).value === below,
  )
  const within = below === undefined ? operation : field
  return within && 'selectionSet' in within && within.selectionSet ? keyIn(within.selectionSet) : undefined

  function keyIn({ selections }: SelectionSetNode): string | undefined {
    for (const selection of selections) {
      const key = keyOf(selection)
      if (key !== undefined) return key
    }
    return undefined
  }

  function keyOf(selection: SelectionSetNode['selections'][number]): string | undefined {
    if (selection.kind === Kind.FIELD) {
      return selection.name.value === '__typename' ? undefined : (selection.alias ?? selection.name).value
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : definitions.find(
            (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
          )
    if (!fragment || !('typeCondition' in fragment) || !fragment.selectionSet) return undefined
    const condition = fragment.typeCondition?.name.value
    return condition === undefined || fits(condition) ? keyIn(fragment.selectionSet) : undefined
  }
}
