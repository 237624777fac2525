import {
  type ConstDirectiveNode,
  type DocumentNode,
  type ObjectTypeDefinitionNode,
  Kind,
  parse,
  visit,
} from 'graphql/index.js'

/** What an author may write in SDL without importing it. https://specs.apollo.dev/federation/v2.9 */
const DIRECTIVES = [
  'key',
  'shareable',
  'external',
  'requires',
  'provides',
  'override',
  'inaccessible',
  'tag',
  'interfaceObject',
  'cost',
  'listSize',
]
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${DIRECTIVES.map((name) => `"@${name}"`).join(', ')}])`

/** An object type as another subgraph owns it: its key, to which this one's fields are added. */
export function stub(type: string, key: string): ObjectTypeDefinitionNode {
  const [definition] = parse(`type ${type} { ${key}: ID! }`).definitions
  if (definition?.kind === Kind.OBJECT_TYPE_DEFINITION) return definition
  throw new TypeError(`${type} { ${key} } is not a type with a key`)
}

/**
 * The document as a Federation 2 subgraph's: it names the specification, unless the author's SDL does, and entities have
 * their keys. An entity of another subgraph to which nothing is added is not resolved here.
 *
 * @param keys the key's field of each entity
 * @param owned the entities that have rows here
 */
export function federated(
  document: DocumentNode,
  keys: ReadonlyMap<string, string>,
  owned: ReadonlySet<string>,
): DocumentNode {
  const keyed = visit(document, {
    ObjectTypeDefinition(type) {
      const key = keys.get(type.name.value)
      if (key === undefined || type.directives?.some(({ name }) => name.value === 'key')) return undefined
      const isContributedTo = owned.has(type.name.value) || (type.fields?.length ?? 0) > 1
      return { ...type, directives: [...(type.directives ?? []), keyDirective(key, isContributedTo)] }
    },
  })
  const isLinked = document.definitions.some(({ kind }) => kind === Kind.SCHEMA_EXTENSION)
  return isLinked ? keyed : { ...keyed, definitions: [...parse(LINK).definitions, ...keyed.definitions] }
}

/** The document for a schema that is nobody's subgraph: the directives of the specification mean nothing there. */
export function unfederated(document: DocumentNode): DocumentNode {
  const known = new Set(DIRECTIVES)
  return visit(document, {
    Directive: ({ name }) =>
      known.has(name.value) && name.value !== 'cost' && name.value !== 'listSize' ? null : undefined,
    SchemaExtension: () => null,
  })
}

function keyDirective(key: string, isResolvable: boolean): ConstDirectiveNode {
  const text = isResolvable ? `@key(fields: "${key}")` : `@key(fields: "${key}", resolvable: false)`
  const [definition] = parse(`type T ${text}`).definitions
  const directive = definition?.kind === Kind.OBJECT_TYPE_DEFINITION ? definition.directives?.[0] : undefined
  if (directive) return directive
  throw new TypeError(`${key} is not a key`)
}
