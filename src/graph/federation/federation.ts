import {
  type ConstDirectiveNode,
  type DocumentNode,
  type ObjectTypeDefinitionNode,
  Kind,
  parse,
  visit,
} from 'graphql/index.js'
import { argumentOf, directivesOf } from '../syntax/directives.ts'

/**
 * What an author may write in SDL without importing it, and the version of the specification that has all of it; 2.3 is the
 * first that has interface objects. https://www.apollographql.com/docs/graphos/reference/federation/versions
 */
const DIRECTIVES = new Map([
  ['key', 'v2.3'],
  ['shareable', 'v2.3'],
  ['external', 'v2.3'],
  ['requires', 'v2.3'],
  ['provides', 'v2.3'],
  ['override', 'v2.7'],
  ['inaccessible', 'v2.3'],
  ['tag', 'v2.3'],
  ['interfaceObject', 'v2.3'],
  ['cost', 'v2.9'],
  ['listSize', 'v2.9'],
])
const SPECIFICATION = 'https://specs.apollo.dev/federation/'

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
  const links = isLinked(document) ? [] : parse(linkOf(keyed)).definitions
  return { ...keyed, definitions: [...links, ...keyed.definitions] }
}

/** True when the author names the specification, and with it what is imported. */
function isLinked({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (definition) =>
      (definition.kind === Kind.SCHEMA_EXTENSION || definition.kind === Kind.SCHEMA_DEFINITION) &&
      directivesOf(definition, 'link').some((link) =>
        String(argumentOf(link, 'url')).startsWith(SPECIFICATION),
      ),
  )
}

/** Names what is used and no more, in the oldest version that has it: any gateway may know less than the newest. */
function linkOf(document: DocumentNode): string {
  const used = new Set<string>()
  visit(document, { Directive: ({ name }) => void used.add(name.value) })
  const known = [...DIRECTIVES].filter(([name]) => used.has(name))
  const version = known.map(([, since]) => since).reduce((one, other) => (one > other ? one : other), 'v2.3')
  const imports = known.map(([name]) => `"@${name}"`).join(', ')
  return `extend schema @link(url: "${SPECIFICATION}${version}", import: [${imports}])`
}

/** The document for a schema that is nobody's subgraph: the directives of the specification mean nothing there. */
export function unfederated(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: ({ name }) =>
      DIRECTIVES.has(name.value) && name.value !== 'cost' && name.value !== 'listSize' ? null : undefined,
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
