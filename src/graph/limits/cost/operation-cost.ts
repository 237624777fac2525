import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  Kind,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
} from 'graphql/index.js'
import { type Fragments, fragmentsOf } from '../../syntax/fragments.ts'
import { type ReadVariable, isIncluded } from '../../syntax/inclusion.ts'
import { isGiven } from './argument-size.ts'
import { type Cost, NONE, add, bounded, most } from './cost.ts'
import { ASSUMED_SIZE, type FieldCost, HISTORY_COST } from './field-cost.ts'
import { pageSize } from './page-size.ts'

/** What is known of the fields of a schema. */
export interface SchemaCosts {
  readonly schema: GraphQLSchema
  readonly field: (field: GraphQLField<unknown, unknown>, parent: GraphQLNamedType) => FieldCost
  /** Whether a list is as long as the page whose part it is. */
  readonly isSized: (type: string, field: string) => boolean
}

/**
 * The static cost of an operation that is valid: an upper bound of the objects in its answer, as far as lists say how long they
 * are, with more for what is dear. Each fragment is looked at once. Of fragments on different object types only the dearest
 * counts, for an object has one type.
 *
 * @throws LimitError SLICING_ARGUMENT_REQUIRED
 */
export function operationCost(
  { schema, field: costOf, isSized }: SchemaCosts,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  read: ReadVariable,
): number {
  const fragments = fragmentsOf(document)
  const known = new Map<string, Cost>()
  const root = ofSet(operation.selectionSet, schema.getRootType(operation.operation))
  return bounded(root.own + ASSUMED_SIZE * root.perItem)

  function ofSet({ selections }: SelectionSetNode, type: GraphQLNamedType | null | undefined): Cost {
    let common = NONE
    const branches = new Map<string, Cost>()
    for (const selection of selections) {
      if (!isIncluded(selection, read)) continue
      const cost = ofSelection(selection, type)
      const branch = isAbstractType(type) ? objectOf(selection, fragments, schema) : undefined
      if (branch === undefined) common = add(common, cost)
      else branches.set(branch, add(branches.get(branch) ?? NONE, cost))
    }
    return add(common, [...branches.values()].reduce(most, NONE))
  }

  function ofSelection(selection: SelectionNode, type: GraphQLNamedType | null | undefined): Cost {
    if (selection.kind === Kind.FIELD) return ofField(selection, type)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value)
    const condition = selection.typeCondition
    return ofSet(selection.selectionSet, condition ? schema.getType(condition.name.value) : type)
  }

  function ofFragment(name: string): Cost {
    const cost = known.get(name)
    if (cost) return cost
    const fragment = fragments.get(name)
    known.set(name, NONE)
    const measured = fragment
      ? ofSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))
      : NONE
    known.set(name, measured)
    return measured
  }

  function ofField(node: FieldNode, type: GraphQLNamedType | null | undefined): Cost {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (!field || !type) return NONE
    const cost = costOf(field, type)
    const within = node.selectionSet ? ofSet(node.selectionSet, getNamedType(field.type)) : NONE
    const once = cost.base + argumentsCost(node, cost, read)
    const each = bounded(cost.each + within.own)
    if (!cost.isList)
      return { own: bounded(once + each + pageSize(node, cost, read) * within.perItem), perItem: 0 }
    const item = bounded(each + ASSUMED_SIZE * within.perItem)
    if (cost.slicing.length === 0 && isSized(type.name, field.name)) return { own: once, perItem: item }
    return { own: bounded(once + pageSize(node, cost, read) * item), perItem: 0 }
  }
}

/** The object type that a selection is for. */
function objectOf(selection: SelectionNode, fragments: Fragments, schema: GraphQLSchema): string | undefined {
  if (selection.kind === Kind.FIELD) return undefined
  const condition =
    selection.kind === Kind.FRAGMENT_SPREAD
      ? fragments.get(selection.name.value)?.typeCondition
      : selection.typeCondition
  return condition && isObjectType(schema.getType(condition.name.value)) ? condition.name.value : undefined
}

function argumentsCost(node: FieldNode, { moments, weights }: FieldCost, read: ReadVariable): number {
  const history = moments.some((argument) => isGiven(node, argument, read)) ? HISTORY_COST : 0
  return weights.reduce(
    (sum, [argument, weight]) => sum + (isGiven(node, argument, read) ? weight : 0),
    history,
  )
}
