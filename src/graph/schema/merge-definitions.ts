import {
  type DocumentNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  GraphQLError,
  Kind,
  isTypeDefinitionNode,
  isTypeExtensionNode,
} from 'graphql/index.js'

/**
 * Puts what extends a type into its definition, so that the document has definitions alone. A type that is only extended
 * has to be one of `stubs`, which are the definitions that it gets then.
 *
 * @throws GraphQLError when a type that is nowhere is extended, or a type is extended as one of another kind
 */
export function mergeDefinitions(
  document: DocumentNode,
  stubs: ReadonlyMap<string, ObjectTypeDefinitionNode>,
): DocumentNode {
  const extensions = Map.groupBy(document.definitions.filter(isTypeExtensionNode), ({ name }) => name.value)
  const definitions = document.definitions.filter((definition) => !isTypeExtensionNode(definition))
  const defined = new Set(definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value))
  const needed = [...stubs].filter(([name]) => !defined.has(name)).map(([, stub]) => stub)
  for (const [name, [first]] of extensions) {
    if (!defined.has(name) && !stubs.has(name))
      throw new GraphQLError(`Cannot extend type "${name}" because it is not defined.`, {
        nodes: first ?? null,
      })
  }
  return {
    kind: Kind.DOCUMENT,
    definitions: [...definitions, ...needed].map((definition) =>
      isTypeDefinitionNode(definition)
        ? (extensions.get(definition.name.value) ?? []).reduce<TypeDefinitionNode>(extended, definition)
        : definition,
    ),
  }
}

/** What both say of each part that they have. */
function extended(definition: TypeDefinitionNode, extension: TypeExtensionNode): TypeDefinitionNode {
  const { directives } = extension
  if (definition.kind === Kind.OBJECT_TYPE_DEFINITION && extension.kind === Kind.OBJECT_TYPE_EXTENSION) {
    return {
      ...definition,
      directives: joined(definition.directives, directives),
      interfaces: joined(definition.interfaces, extension.interfaces),
      fields: joined(definition.fields, extension.fields),
    }
  }
  if (
    definition.kind === Kind.INTERFACE_TYPE_DEFINITION &&
    extension.kind === Kind.INTERFACE_TYPE_EXTENSION
  ) {
    return {
      ...definition,
      directives: joined(definition.directives, directives),
      interfaces: joined(definition.interfaces, extension.interfaces),
      fields: joined(definition.fields, extension.fields),
    }
  }
  if (
    definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION &&
    extension.kind === Kind.INPUT_OBJECT_TYPE_EXTENSION
  ) {
    return {
      ...definition,
      directives: joined(definition.directives, directives),
      fields: joined(definition.fields, extension.fields),
    }
  }
  if (definition.kind === Kind.ENUM_TYPE_DEFINITION && extension.kind === Kind.ENUM_TYPE_EXTENSION) {
    return {
      ...definition,
      directives: joined(definition.directives, directives),
      values: joined(definition.values, extension.values),
    }
  }
  if (definition.kind === Kind.UNION_TYPE_DEFINITION && extension.kind === Kind.UNION_TYPE_EXTENSION) {
    return {
      ...definition,
      directives: joined(definition.directives, directives),
      types: joined(definition.types, extension.types),
    }
  }
  if (definition.kind === Kind.SCALAR_TYPE_DEFINITION && extension.kind === Kind.SCALAR_TYPE_EXTENSION)
    return { ...definition, directives: joined(definition.directives, directives) }
  throw new GraphQLError(`Cannot extend "${extension.name.value}" as a type of another kind.`, {
    nodes: extension,
  })
}

const joined = <T>(one: readonly T[] = [], other: readonly T[] = []): T[] => [...one, ...other]
