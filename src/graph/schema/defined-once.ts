import {
  type DefinitionNode,
  type NameNode,
  type TypeDefinitionNode,
  GraphQLError,
  Kind,
  isTypeDefinitionNode,
} from 'graphql/index.js'

/** A part of the schema that has a name, and what to do about another one by that name. */
type Named = readonly [what: string, name: NameNode, advice: string]

const EXTEND =
  'Name one of them differently; if they are the same, let one domain define it and the others extend it'
const RENAME = 'Name one of them differently, or leave it out of one domain'

/**
 * What two domains define by the same name may mean two things.
 * @throws GraphQLError for the first type, directive, field, value or member of a union that there is twice
 */
export function assertDefinedOnce(definitions: readonly DefinitionNode[]): void {
  const seen = new Map<string, NameNode>()
  for (const [what, name, advice] of definitions.flatMap(namesOf)) {
    const first = seen.get(what)
    if (first) throw new GraphQLError(`${what} is defined twice. ${advice}.`, { nodes: [first, name] })
    seen.set(what, name)
  }
}

function namesOf(node: DefinitionNode): Named[] {
  if (node.kind === Kind.DIRECTIVE_DEFINITION)
    return [[`The directive "@${node.name.value}"`, node.name, RENAME]]
  if (!isTypeDefinitionNode(node)) return []
  const type = node.name.value
  return [
    [`The type "${type}"`, node.name, EXTEND],
    ...membersOf(node).map((name): Named => [`"${type}.${name.value}"`, name, RENAME]),
  ]
}

function membersOf(node: TypeDefinitionNode): NameNode[] {
  if (node.kind === Kind.ENUM_TYPE_DEFINITION) return (node.values ?? []).map(({ name }) => name)
  if (node.kind === Kind.UNION_TYPE_DEFINITION) return (node.types ?? []).map(({ name }) => name)
  if (node.kind === Kind.SCALAR_TYPE_DEFINITION) return []
  return (node.fields ?? []).map(({ name }) => name)
}
