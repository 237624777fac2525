import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  Kind,
  TypeInfo,
  print,
  visit,
  visitWithTypeInfo,
} from 'graphql/index.js'
import { UnservableKeyError } from '../errors.ts'
import { fragmentsOf } from '../../syntax/fragments.ts'
import { collectFields } from '../completion/collect.ts'
import { guardsOf } from '../completion/guards.ts'

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

/**
 * An operation without what no subgraph is to be asked for, as text: introspection and the names of root types, which the
 * gateway knows itself, and what `@skip` and `@include` leave out whatever the variables are. Undefined when nothing is left.
 *
 * @throws UnservableKeyError
 */
export function plannable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): string | undefined {
  const root = schema.getRootType(operation.operation)
  const types = new TypeInfo(schema)
  const isAsked = (field: FieldNode) => {
    const { value: name } = field.name
    if (field.alias?.value === '__proto__') throw new UnservableKeyError()
    return !name.startsWith('__') || (name === '__typename' && types.getParentType() !== root)
  }
  const definitions = document.definitions.filter(
    (one) => one === operation || one.kind === Kind.FRAGMENT_DEFINITION,
  )
  const reduced: DocumentNode = visit(
    { ...document, definitions },
    visitWithTypeInfo(types, {
      enter: (node) =>
        isSelection(node) && (!guardsOf(node.directives, []) || (isField(node) && !isAsked(node)))
          ? null
          : undefined,
      leave: filled,
    }),
  )
  const left = reduced.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (!left) return undefined
  const whole = [{ selections: left.selectionSet, guards: [] }]
  const fields = [...collectFields(whole, fragmentsOf(reduced), () => true).values()].flat()
  return fields.some(({ node }) => node.name.value !== '__typename') ? print(reduced) : undefined
}

const isField = (node: ASTNode): node is FieldNode => node.kind === Kind.FIELD

const isSelection = (node: ASTNode): node is SelectionNode =>
  isField(node) || node.kind === Kind.INLINE_FRAGMENT || node.kind === Kind.FRAGMENT_SPREAD

/** Of what has lost all it selected: at least one field has to be. */
function filled(node: ASTNode): ASTNode | undefined {
  if (!isField(node) && node.kind !== Kind.INLINE_FRAGMENT && node.kind !== Kind.FRAGMENT_DEFINITION)
    return undefined
  if (!node.selectionSet || node.selectionSet.selections.length > 0) return undefined
  return { ...node, selectionSet: { ...node.selectionSet, selections: [TYPENAME] } }
}
