import {
  type DefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  GraphQLError,
  Kind,
  isTypeDefinitionNode,
} from 'graphql/index.js'

/** A type that is defined or extended, as a definition; undefined for all else. */
export function asDefinition(node: DefinitionNode): TypeDefinitionNode | undefined {
  if (isTypeDefinitionNode(node)) return node
  if (node.kind === Kind.OBJECT_TYPE_EXTENSION) return { ...node, kind: Kind.OBJECT_TYPE_DEFINITION }
  if (node.kind === Kind.INTERFACE_TYPE_EXTENSION) return { ...node, kind: Kind.INTERFACE_TYPE_DEFINITION }
  if (node.kind === Kind.INPUT_OBJECT_TYPE_EXTENSION)
    return { ...node, kind: Kind.INPUT_OBJECT_TYPE_DEFINITION }
  if (node.kind === Kind.ENUM_TYPE_EXTENSION) return { ...node, kind: Kind.ENUM_TYPE_DEFINITION }
  if (node.kind === Kind.UNION_TYPE_EXTENSION) return { ...node, kind: Kind.UNION_TYPE_DEFINITION }
  return node.kind === Kind.SCALAR_TYPE_EXTENSION ? { ...node, kind: Kind.SCALAR_TYPE_DEFINITION } : undefined
}

/**
 * Two parts of a type in one: what both say of each part that they have.
 * @throws GraphQLError when they are of different kinds
 */
export function joined(one: TypeDefinitionNode, other: TypeDefinitionNode): TypeDefinitionNode {
  if (other.kind !== one.kind)
    throw new GraphQLError(`Cannot extend "${other.name.value}" as a type of another kind.`, { nodes: other })
  const directives = both(one.directives, other.directives)
  if (one.kind === Kind.OBJECT_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, ...membersOf(one, other) }
  if (one.kind === Kind.INTERFACE_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, ...membersOf(one, other) }
  if (one.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, fields: both(one.fields, other.fields) }
  if (one.kind === Kind.ENUM_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, values: both(one.values, other.values) }
  if (one.kind === Kind.UNION_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, types: both(one.types, other.types) }
  return { ...one, directives }
}

/** Of objects and interfaces alike. */
const membersOf = (one: Fielded, other: Fielded) => ({
  fields: both(one.fields, other.fields),
  interfaces: both(one.interfaces, other.interfaces),
})

type Fielded = Pick<ObjectTypeDefinitionNode, 'fields' | 'interfaces'>

const both = <Node>(one: readonly Node[] = [], other: readonly Node[] = []) => [...one, ...other]
