import {
  type GraphQLSchema,
  Kind,
  assertValidSchema,
  buildASTSchema,
  concatAST,
  isObjectType,
  isScalarType,
  parse,
  visit,
} from 'graphql/index.js'
import { baseTypeDefs } from './base-schema.ts'
import type { GraphContext } from './context.ts'
import type { GraphDefinition, Resolver } from './define-graph.ts'
import { logGraph } from './log-graph.ts'
import { projectionsGraph } from './projections-graph.ts'
import { scalars } from './scalars.ts'

/**
 * Joins the graphs of all contexts into one schema that can be executed.
 * @throws TypeError when a resolver belongs to no field; GraphQLError when the SDL is not valid
 */
export function composeSchema(contextGraphs: GraphDefinition[]): GraphQLSchema {
  const graphs = [logGraph, projectionsGraph, ...contextGraphs]
  const document = concatAST(
    [baseTypeDefs, ...graphs.flatMap(({ typeDefs }) => typeDefs)].map((sdl) => parse(sdl)),
  )
  const extended = new Set<string>()
  visit(document, { ObjectTypeExtension: ({ name }) => void extended.add(name.value) })
  // A service may have no commands, and a root type without fields is not valid.
  const schema = buildASTSchema({
    ...document,
    definitions: document.definitions.filter(
      (definition) =>
        !(
          definition.kind === Kind.OBJECT_TYPE_DEFINITION &&
          definition.name.value === 'Mutation' &&
          !extended.has('Mutation')
        ),
    ),
  })
  for (const [name, scalar] of scalars) {
    const type = schema.getType(name)
    if (!isScalarType(type)) continue
    type.serialize = scalar.serialize
    type.parseValue = scalar.parseValue
    type.parseLiteral = scalar.parseLiteral
  }
  for (const { resolvers } of graphs) {
    for (const [type, fields] of Object.entries(resolvers)) {
      for (const [field, resolver] of Object.entries(fields)) attach(schema, type, field, resolver)
    }
  }
  assertValidSchema(schema)
  return schema
}

function attach(schema: GraphQLSchema, typeName: string, fieldName: string, resolver: Resolver): void {
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (!field)
    throw new TypeError(`There is a resolver for ${typeName}.${fieldName}, but no such field in the schema`)
  if (field.resolve) throw new TypeError(`Two graphs resolve ${typeName}.${fieldName}`)
  // The types that an author names are those that the schema promises; the compiler cannot see that.
  field.resolve = (parent: unknown, args: unknown, context: GraphContext, info): unknown =>
    Reflect.apply(resolver, undefined, [parent, args, context, info])
}
