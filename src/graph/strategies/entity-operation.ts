import { type FieldNode, type SelectionNode, Kind } from 'graphql/index.js'
import type { SubgraphOperation } from '../gateway/subgraph.ts'
import { fragmentsOf } from '../syntax/fragments.ts'
import { combinationOf, conditionVariables, inclusion } from './conditions.ts'
import { type CollectedFields, collectFields, selectionsBelow } from './collect-fields.ts'

/** One `_entities` of an operation. */
export interface EntityFetch {
  /** Where its result is in the answer. */
  readonly responseKey: string
  /** Which variable has its representations. */
  readonly variable: string
  readonly node: FieldNode
}

/** What an operation asks for whose root fields are all `_entities`. */
export interface EntityOperation {
  readonly fetches: readonly EntityFetch[]
  /** Names the combination of `@skip` and `@include` that it was made for. */
  readonly combination: string
  /** False when it has directives that only the subgraph knows. */
  readonly suitsTables: boolean
  /** What the fetch asks of a type. */
  fieldsOf(fetch: EntityFetch, type: string): CollectedFields
  /** What these fields of an object of a type select. */
  fieldsBelow(nodes: readonly FieldNode[], type: string): CollectedFields
}

export type IsObjectType = (name: string) => boolean

/**
 * Answers what an operation asks for by entity; undefined for one with other root fields. Derived once for each operation
 * and combination of its conditions.
 */
export function entityOperations(isObjectType: IsObjectType) {
  const known = new WeakMap<SubgraphOperation, Map<string, EntityOperation | undefined>>()
  const conditions = new WeakMap<SubgraphOperation, readonly string[] | undefined>()

  return (
    operation: SubgraphOperation,
    variables: Readonly<Record<string, unknown>>,
  ): EntityOperation | undefined => {
    if (!conditions.has(operation)) conditions.set(operation, conditionVariables(operation.document))
    const names = conditions.get(operation)
    const combination = combinationOf(names ?? [], variables)
    const made = known.get(operation) ?? new Map<string, EntityOperation | undefined>()
    known.set(operation, made)
    if (!made.has(combination)) {
      // With conditions that are not understood nothing is left out: the subgraph decides what is asked for.
      const isIncluded = names ? inclusion(variables) : () => true
      made.set(
        combination,
        derive(operation, { isObjectType, isIncluded, combination, suitsTables: !!names }),
      )
    }
    return made.get(combination)
  }
}

interface DeriveOptions {
  isObjectType: IsObjectType
  isIncluded: (node: Pick<FieldNode, 'directives'>) => boolean
  combination: string
  suitsTables: boolean
}

function derive(
  { document, kind }: SubgraphOperation,
  { isObjectType, isIncluded, combination, suitsTables }: DeriveOptions,
): EntityOperation | undefined {
  const fragments = fragmentsOf(document)
  const roots = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [],
  )
  const all = roots.map(fetchOf)
  const fetches = all.filter((fetch) => fetch !== undefined)
  if (kind !== 'query' || fetches.length < all.length) return undefined
  const fieldsBelow = (nodes: readonly FieldNode[], type: string) =>
    collectFields(selectionsBelow(nodes), { type, fragments, isIncluded, isObjectType })
  return {
    fetches: fetches.filter(({ node }) => isIncluded(node)),
    combination,
    suitsTables,
    fieldsOf: ({ node }, type) => fieldsBelow([node], type),
    fieldsBelow,
  }
}

function fetchOf(node: SelectionNode): EntityFetch | undefined {
  if (node.kind !== Kind.FIELD || node.name.value !== '_entities') return undefined
  const [argument, ...others] = node.arguments ?? []
  if (argument?.name.value !== 'representations' || others.length > 0) return undefined
  if (argument.value.kind !== Kind.VARIABLE) return undefined
  return { responseKey: node.alias?.value ?? '_entities', variable: argument.value.name.value, node }
}
