import { type GraphQLNamedType, type GraphQLSchema, Kind } from 'graphql/index.js'
import type { GraphContext } from './context.ts'
import { isKeyed } from './entities.ts'
import type { EntityType, KeyedEntity, ReferencedEntity, Representation } from './entity-type.ts'
import { BadUserInputError } from './errors.ts'
import { keysOf } from './keys.ts'

type ResolveReference = ReferencedEntity['resolveReference']

/**
 * Gives `_entities` its resolver. Each representation is answered for itself, in its place: null when there is no such object,
 * null with an error (BAD_USER_INPUT) when it is not a representation of an entity that is served here.
 *
 * https://www.apollographql.com/docs/graphos/reference/federation/subgraph-spec#query_entities
 *
 * @throws TypeError when a type with a key has no resolver, or an entity no type with a key
 */
export function attachEntities(schema: GraphQLSchema, entities: readonly EntityType[]): void {
  const resolvers = new Map(entities.map((entity) => [entity.type, referenceResolver(entity)]))
  const types = Object.values(schema.getTypeMap()).filter(({ astNode }) => keysOf(astNode ?? {}).length > 0)
  const names = new Set(types.map(({ name }) => name))
  for (const { type } of entities) {
    if (!names.has(type)) throw new TypeError(`${type} is an entity, but no type of the schema with a @key`)
  }
  for (const type of types) {
    if (isResolvable(type) && !resolvers.has(type.name))
      throw new TypeError(`${type.name} has a @key, but nothing finds it by that: declare it in entities`)
  }
  const field = schema.getQueryType()?.getFields()['_entities']
  if (!field) return
  field.resolve = async (_: unknown, { representations }: Arguments, context: GraphContext) =>
    await Promise.all(representations.map((representation) => entityOf(representation, resolvers, context)))
}

interface Arguments {
  representations: readonly unknown[]
}

/** Errors are returned and not thrown: graphql-jit (0.8) puts the null of a rejected item where another one belongs. */
async function entityOf(
  representation: unknown,
  resolvers: ReadonlyMap<string, ResolveReference>,
  context: GraphContext,
): Promise<unknown> {
  try {
    if (!isRecord(representation))
      throw new BadUserInputError('representation', 'must be an object with __typename')
    const { __typename: type } = representation
    const resolve = typeof type === 'string' ? resolvers.get(type) : undefined
    if (!resolve) throw new BadUserInputError('__typename', 'must be an entity of this subgraph')
    const found = await resolve(representation, context)
    // Of an interface the object says itself which type it has.
    if (!isRecord(found)) return null
    return found['__typename'] === type ? found : { __typename: type, ...found }
  } catch (error) {
    return error instanceof Error ? error : new Error('An entity could not be resolved', { cause: error })
  }
}

function referenceResolver(entity: EntityType): ResolveReference {
  if (!isKeyed(entity)) return (representation, context) => entity.resolveReference(representation, context)
  return (representation, context) => {
    const value = keyOf(entity, representation)
    // No text in PostgreSQL has this character, and a statement with it fails for all that are asked for together.
    return value.includes('\0') ? null : entity.resolve(value, context)
  }
}

/** As the scalar ID takes it: a number is the text of it. */
function keyOf({ key }: KeyedEntity, representation: Representation): string {
  const value = representation[key]
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw new BadUserInputError(key, 'must be a string or a whole number')
}

const isRecord = (value: unknown): value is Representation => typeof value === 'object' && value !== null

/** Whether a gateway may ask for it here: unless each of its keys says `resolvable: false`. */
function isResolvable({ astNode }: GraphQLNamedType): boolean {
  return keysOf(astNode ?? {}).some(
    ({ arguments: given = [] }) =>
      !given.some(
        ({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value,
      ),
  )
}
