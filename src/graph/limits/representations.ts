import {
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  Kind,
} from 'graphql/index.js'
import { fragmentsOf } from '../syntax/fragments.ts'
import { LimitError } from './limit-error.ts'

/**
 * How many entities a subgraph is asked for, all `_entities` of the operation together.
 * https://www.apollographql.com/docs/graphos/reference/federation/subgraph-spec#query_entities
 *
 * @throws LimitError TOO_MANY_REPRESENTATIONS
 */
export function assertRepresentations(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  limit: number,
): void {
  const fragments = fragmentsOf(document)
  const known = new Map<string, number>()

  function ofSet({ selections }: SelectionSetNode): number {
    return selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + representationsOf(selection, variables)
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + ofSet(selection.selectionSet)
      return sum + ofFragment(selection.name.value)
    }, 0)
  }

  function ofFragment(name: string): number {
    const count = known.get(name)
    if (count !== undefined) return count
    const fragment = fragments.get(name)
    known.set(name, 0)
    const counted = fragment ? ofSet(fragment.selectionSet) : 0
    known.set(name, counted)
    return counted
  }

  const measured = ofSet(operation.selectionSet)
  if (measured <= limit) return
  throw new LimitError('TOO_MANY_REPRESENTATIONS', {
    message: `The operation asks for ${measured} entities; at most ${limit} are answered. Ask for them in several requests`,
    measured,
    limit,
    node: operation,
  })
}

function representationsOf(
  { name, arguments: given }: FieldNode,
  variables: Readonly<Record<string, unknown>>,
) {
  if (name.value !== '_entities') return 0
  const value = given?.find((one) => one.name.value === 'representations')?.value
  const list: unknown = value?.kind === Kind.VARIABLE ? variables[value.name.value] : value
  if (Array.isArray(list)) return list.length
  return value?.kind === Kind.LIST ? value.values.length : 1
}
