import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  GraphQLError,
  Kind,
  getArgumentValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from 'graphql/index.js'

/**
 * Counts the items that the pages of an operation could have together: an item of a page counts once, and once more for each
 * item of the pages in it. Depth alone does not bound them: three lists of 100 in each other are a million.
 *
 * @throws GraphQLError TOO_MANY_NODES
 */
export function assertSize(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
  limit: number,
): void {
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [],
    ),
  )
  const measured = new Map<string, number>()

  function sizeOf({ selections }: SelectionSetNode, type: GraphQLNamedType | null | undefined): number {
    return selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + sizeOfField(selection, type)
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + sizeOfFragment(selection.name.value)
      const condition = selection.typeCondition
      return sum + sizeOf(selection.selectionSet, condition ? schema.getType(condition.name.value) : type)
    }, 0)
  }

  function sizeOfField(node: FieldNode, type: GraphQLNamedType | null | undefined): number {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (!field || !node.selectionSet) return 0
    const within = sizeOf(node.selectionSet, getNamedType(field.type))
    const items = itemsOf(field, node, variables)
    return items === undefined ? within : items * (1 + within)
  }

  /** Each fragment once, however often it is used: their uses could double at every level. */
  function sizeOfFragment(name: string): number {
    const known = measured.get(name)
    if (known !== undefined) return known
    const fragment = fragments.get(name)
    const size = fragment
      ? sizeOf(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))
      : 0
    measured.set(name, size)
    return size
  }

  const nodes = sizeOf(operation.selectionSet, schema.getRootType(operation.operation))
  if (nodes <= limit) return
  throw new GraphQLError(
    `The operation could answer ${nodes} items of lists; at most ${limit} are. Ask for smaller pages (first)`,
    { nodes: operation, extensions: { code: 'TOO_MANY_NODES', status: 400 } },
  )
}

function itemsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): number | undefined {
  const argument = field.args.find(({ name }) => name === 'first')
  if (!argument) return undefined
  const first = getArgumentValues(field, node, variables)['first'] ?? argument.defaultValue
  // What is less than 1 is refused by the field itself.
  return typeof first === 'number' ? Math.max(first, 0) : 0
}
