import { type GraphQLSchema, isObjectType, isScalarType } from 'graphql/index.js'
import type { GraphContext } from './context.ts'
import type { GraphDefinition, Resolver, SubscriptionResolver } from './define-graph.ts'
import type { EntityType } from './entity.ts'
import { scalars } from './scalars.ts'

/** Gives the scalars of the base schema their meaning. */
export function attachScalars(schema: GraphQLSchema): void {
  for (const [name, scalar] of scalars) {
    const type = schema.getType(name)
    if (!isScalarType(type)) continue
    type.serialize = scalar.serialize
    type.parseValue = scalar.parseValue
    type.parseLiteral = scalar.parseLiteral
  }
}

/** @throws TypeError when a resolver belongs to no field, or two to one */
export function attachResolvers(schema: GraphQLSchema, graphs: readonly GraphDefinition[]): void {
  for (const { resolvers } of graphs) {
    for (const [type, fields] of Object.entries(resolvers)) {
      for (const [field, resolver] of Object.entries(fields)) attach(schema, type, field, resolver)
    }
  }
}

function attach(
  schema: GraphQLSchema,
  typeName: string,
  fieldName: string,
  resolver: Resolver | SubscriptionResolver,
): void {
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (!field)
    throw new TypeError(`There is a resolver for ${typeName}.${fieldName}, but no such field in the schema`)
  if (field.resolve) throw new TypeError(`Two graphs resolve ${typeName}.${fieldName}`)
  if (typeof resolver === 'function') {
    field.resolve = executable(resolver)
    return
  }
  field.subscribe = executable(resolver.subscribe)
  // What a subscription hears is the answer, not an object that has it under the field's name.
  field.resolve = resolver.resolve ? executable(resolver.resolve) : (event: unknown) => event
}

/** The types that an author names are those that the schema promises; the compiler cannot see that. */
function executable(resolver: Resolver) {
  return (parent: unknown, args: unknown, context: GraphContext, info: unknown): unknown =>
    Reflect.apply(resolver, undefined, [parent, args, context, info])
}

/** What `_entities` calls for each reference; see @mercuriusjs/federation. */
export function attachReferences(schema: GraphQLSchema, entities: readonly EntityType[]): void {
  for (const { type: name, key, resolve } of entities) {
    const type = schema.getType(name)
    if (!isObjectType(type)) throw new TypeError(`${name} is an entity, but no type of the schema`)
    Object.assign(type, {
      resolveReference: async (reference: Record<string, unknown>, _: unknown, context: GraphContext) => {
        const id = reference[key]
        return typeof id === 'string' || typeof id === 'number' ? await resolve(String(id), context) : null
      },
    })
  }
}
