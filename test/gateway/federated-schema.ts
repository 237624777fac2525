import {
  type DefinitionNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  Kind,
  buildASTSchema,
  extendSchema,
  isObjectType,
  parse,
} from 'graphql/index.js'

type Resolver = GraphQLFieldResolver<unknown, unknown>
type Item = Readonly<Record<string, unknown>>

export interface SubgraphDefinition {
  sdl: string
  /** By type and field. */
  resolvers?: Record<string, Record<string, Resolver>>
  /** By type: an entity for its representation; null when there is none. Errors are of that entity alone. */
  entities?: Record<string, (representation: Item) => Item | null>
  /** Of the subscription type: what each event is. */
  streams?: Record<string, (args: Item, signal: AbortSignal) => AsyncIterable<unknown>>
}

const PRELUDE = `
  directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @requires(fields: String!) on FIELD_DEFINITION
  directive @provides(fields: String!) on FIELD_DEFINITION
  directive @external on OBJECT | FIELD_DEFINITION
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
  directive @interfaceObject on OBJECT
  directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ENUM | ENUM_VALUE | SCALAR | INPUT_OBJECT | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION
  scalar _Any
`

/** By which a gateway that composes reads the schema. */
const SERVICE = 'type _Service { sdl: String! } extend type Query { _service: _Service! }'

const isOwn = (definition: DefinitionNode) => definition.kind !== Kind.SCHEMA_EXTENSION

/** A subgraph as Federation specifies it (https://www.apollographql.com/docs/graphos/reference/federation/subgraph-specific-fields). */
export function federatedSchema({
  sdl,
  resolvers = {},
  entities = {},
  streams = {},
}: SubgraphDefinition): GraphQLSchema {
  const query = sdl.includes('type Query') ? '' : 'type Query { _: Boolean }'
  const given = parse(`${PRELUDE} ${sdl} ${query} ${SERVICE}`)
  const own = { kind: Kind.DOCUMENT, definitions: given.definitions.filter(isOwn) } as const
  const schema = extended(buildASTSchema(own, { assumeValidSDL: true }), Object.keys(entities))
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const [name, field] of Object.entries(type.getFields())) {
      const own = resolvers[type.name]?.[name]
      if (own) field.resolve = own
    }
  }
  const service = schema.getQueryType()?.getFields()['_service']
  if (service) service.resolve = () => ({ sdl })
  const all = schema.getQueryType()?.getFields()['_entities']
  if (all) {
    all.resolve = (_, { representations }: { representations: Item[] }) =>
      representations.map((representation) => {
        const { __typename: type } = representation
        try {
          const found = entities[String(type)]?.(representation)
          return found ? { __typename: type, ...found } : null
        } catch (error) {
          return error
        }
      })
  }
  for (const [name, stream] of Object.entries(streams)) {
    const field = schema.getSubscriptionType()?.getFields()[name]
    if (!field) throw new Error(`no subscription ${name}`)
    field.subscribe = (_, args: Item, { signal }: { signal: AbortSignal }) => stream(args, signal)
    field.resolve = (event) => event
  }
  return schema
}

function extended(schema: GraphQLSchema, entities: string[]): GraphQLSchema {
  if (entities.length === 0) return schema
  const federation = `union _Entity = ${entities.join(' | ')}
    extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`
  return extendSchema(schema, parse(federation), { assumeValidSDL: true })
}

export const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@interfaceObject", "@inaccessible"])'
