import {
  type GraphQLField,
  type GraphQLSchema,
  defaultFieldResolver,
  isObjectType,
  isScalarType,
} from 'graphql/index.js'
import { type AnyAuthorize, isProtected, maySeeField } from './authorize.ts'
import type { GraphContext } from '../context/context.ts'
import type { GraphDefinition, Resolver, SubscriptionResolver } from './define-graph.ts'
import { ForbiddenError } from '../errors.ts'
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

/** Puts the hooks of entities before their fields; see `Authorize`. */
export function attachHooks(schema: GraphQLSchema, graphs: readonly GraphDefinition[]): void {
  for (const { type: name, authorize } of graphs.flatMap(({ entities = [] }) => entities)) {
    const type = schema.getType(name)
    if (!authorize || !isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      if (isProtected(authorize, field.name)) protect(field, name, authorize)
    }
  }
}

function protect(field: GraphQLField<unknown, GraphContext>, type: string, authorize: AnyAuthorize): void {
  const resolve = field.resolve ?? defaultFieldResolver
  field.resolve = (parent, args, context, info) => {
    if (
      typeof parent === 'object' &&
      parent !== null &&
      maySeeField(authorize, field.name, parent, context.caller)
    )
      return resolve(parent, args, context, info)
    throw new ForbiddenError(`${type}.${field.name}`)
  }
}
