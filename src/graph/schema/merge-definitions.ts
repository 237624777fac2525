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
import { asDefinition, joined } from '../syntax/join-definitions.ts'
import { assertDefinedOnce } from './defined-once.ts'

/**
 * Puts what extends a type into its definition, so that the document has definitions alone. A type that is only extended
 * has to be one of `stubs`, which are the definitions that it gets then.
 *
 * @throws GraphQLError when a type that is nowhere is extended, a type is extended as one of another kind, or a type, a directive
 *   or a member of a type is defined twice: what executes a subgraph would take one of the two and say nothing
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
  const merged = [...definitions, ...needed].map((definition) =>
    isTypeDefinitionNode(definition)
      ? (extensions.get(definition.name.value) ?? []).reduce<TypeDefinitionNode>(extended, definition)
      : definition,
  )
  assertDefinedOnce(merged)
  return { kind: Kind.DOCUMENT, definitions: merged }
}

function extended(definition: TypeDefinitionNode, extension: TypeExtensionNode): TypeDefinitionNode {
  const part = asDefinition(extension)
  return part ? joined(definition, part) : definition
}
