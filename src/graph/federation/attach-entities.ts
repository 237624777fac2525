import type { GraphQLNamedType, GraphQLSchema } from 'graphql/index.js'
import type { GraphContext } from '../context/context.ts'
import { isKeyed } from '../schema/entities.ts'
import type { EntityType, KeyedEntity, Representation } from '../schema/entity-type.ts'
import { BadUserInputError } from '../errors.ts'
import { argumentOf } from '../syntax/directives.ts'
import { keysOf } from './keys.ts'

/** What there is for representations of one type: an object, null or an error for each of them, in their order. */
type FindAll = (
  representations: readonly Representation[],
  context: GraphContext,
) => Promise<readonly unknown[]>

/**
 * Gives `_entities` its resolver. Each representation is answered for itself, in its place: null when there is no such object,
 * null with an error (BAD_USER_INPUT) when it is not a representation of an entity that is served here.
 *
 * https://www.apollographql.com/docs/graphos/reference/federation/subgraph-spec#query_entities
 *
 * @throws TypeError when a type with a key has no resolver, or an entity no type with a key
 */
export function attachEntities(schema: GraphQLSchema, entities: readonly EntityType[]): void {
  const finders = new Map(entities.map((entity) => [entity.type, finderOf(entity)]))
  const types = Object.values(schema.getTypeMap()).filter(({ astNode }) => keysOf(astNode ?? {}).length > 0)
  const names = new Set(types.map(({ name }) => name))
  for (const { type } of entities) {
    if (!names.has(type)) throw new TypeError(`${type} is an entity, but no type of the schema with a @key`)
  }
  for (const type of types) {
    if (isResolvable(type) && !finders.has(type.name))
      throw new TypeError(`${type.name} has a @key, but nothing finds it by that: declare it in entities`)
  }
  const field = schema.getQueryType()?.getFields()['_entities']
  if (!field) return
  field.resolve = async (_: unknown, { representations }: Arguments, context: GraphContext) =>
    await findAll(representations, finders, context)
}

interface Arguments {
  representations: readonly unknown[]
}

/** All of a type are looked for together. Errors are returned and not thrown: each concerns its own place alone. */
async function findAll(
  representations: readonly unknown[],
  finders: ReadonlyMap<string, FindAll>,
  context: GraphContext,
): Promise<unknown[]> {
  const answers: unknown[] = representations.map(() => null)
  const byType = new Map<string, { places: number[]; wanted: Representation[] }>()
  for (const [place, representation] of representations.entries()) {
    if (!isRecord(representation)) {
      answers[place] = new BadUserInputError('representation', 'must be an object with __typename')
      continue
    }
    const { __typename: type } = representation
    if (typeof type !== 'string' || !finders.has(type)) {
      answers[place] = new BadUserInputError('__typename', 'must be an entity of this subgraph')
      continue
    }
    const group = byType.get(type) ?? { places: [], wanted: [] }
    byType.set(type, group)
    group.places.push(place)
    group.wanted.push(representation)
  }
  await Promise.all(
    [...byType].map(async ([type, { places, wanted }]) => {
      const found = await finders.get(type)?.(wanted, context)
      for (const [index, place] of places.entries()) {
        if (found) answers[place] = typed(found[index], type)
      }
    }),
  )
  return answers
}

/** Of an interface the object says itself which type it has. */
function typed(found: unknown, type: string): unknown {
  if (found instanceof Error) return found
  if (!isRecord(found)) return null
  return found['__typename'] === type ? found : { __typename: type, ...found }
}

function finderOf(entity: EntityType): FindAll {
  if (!isKeyed(entity)) {
    return (wanted, context) => each(wanted, (one) => entity.resolveReference(one, context))
  }
  const { resolve, resolveAll } = entity
  if (!resolveAll) {
    return (wanted, context) =>
      each(wanted, (one) => {
        const key = keyOf(entity, one)
        return isStorable(key) ? resolve(key, context) : null
      })
  }
  return async (wanted, context) => {
    const found: unknown[] = wanted.map(() => null)
    const keys: string[] = []
    const places: number[] = []
    for (const [place, one] of wanted.entries()) {
      try {
        const key = keyOf(entity, one)
        if (!isStorable(key)) continue
        keys.push(key)
        places.push(place)
      } catch (error) {
        found[place] = error
      }
    }
    if (keys.length === 0) return found
    try {
      const objects = await resolveAll(keys, context)
      for (const [index, place] of places.entries()) found[place] = objects[index]
    } catch (cause) {
      for (const place of places) found[place] = asError(cause)
    }
    return found
  }
}

/** Each for itself: what is thrown is of one alone. (graphql-jit 0.8 puts the null of a rejected item where another one belongs.) */
async function each(
  wanted: readonly Representation[],
  find: (one: Representation) => unknown,
): Promise<unknown[]> {
  return await Promise.all(
    wanted.map(async (one) => {
      try {
        return await find(one)
      } catch (cause) {
        return asError(cause)
      }
    }),
  )
}

const asError = (cause: unknown): Error =>
  cause instanceof Error ? cause : new Error('An entity could not be resolved', { cause })

/** No text in PostgreSQL has this character, and a statement with it fails for all that are asked for together. */
const isStorable = (key: string): boolean => !key.includes('\0')

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
  return keysOf(astNode ?? {}).some((key) => argumentOf(key, 'resolvable') !== false)
}
