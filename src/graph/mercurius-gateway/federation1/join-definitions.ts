import { type DefinitionNode, type TypeDefinitionNode, Kind, isTypeDefinitionNode } from 'graphql/index.js'

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

/** Two parts of a type in one. Composition has seen to it that they are of one kind. */
export function joined(one: TypeDefinitionNode, other: TypeDefinitionNode): TypeDefinitionNode {
  const directives = both(one.directives, other.directives)
  if (one.kind === Kind.OBJECT_TYPE_DEFINITION && other.kind === one.kind)
    return {
      ...one,
      directives,
      fields: both(one.fields, other.fields),
      interfaces: both(one.interfaces, other.interfaces),
    }
  if (one.kind === Kind.INTERFACE_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, fields: both(one.fields, other.fields) }
  if (one.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, fields: both(one.fields, other.fields) }
  if (one.kind === Kind.ENUM_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, values: both(one.values, other.values) }
  if (one.kind === Kind.UNION_TYPE_DEFINITION && other.kind === one.kind)
    return { ...one, directives, types: both(one.types, other.types) }
  return { ...one, directives }
}

const both = <Node>(one: readonly Node[] = [], other: readonly Node[] = []) => [...one, ...other]
