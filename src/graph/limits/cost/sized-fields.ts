import { type GraphQLSchema, getNamedType, isInterfaceType, isObjectType } from 'graphql/index.js'
import { listSizeOf } from './directives.ts'

/** The lists of a connection, unless `@listSize(sizedFields:)` names others. https://relay.dev/graphql/connections.htm */
const CONNECTION = ['edges', 'nodes']

/** Says of a type's field whether it is as long as the page that the type is. */
export function sizedFields(schema: GraphQLSchema): (type: string, field: string) => boolean {
  const named = new Map<string, Set<string>>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const names = listSizeOf(field)?.sizedFields ?? []
      if (names.length === 0) continue
      const { name } = getNamedType(field.type)
      named.set(name, new Set([...(named.get(name) ?? []), ...names]))
    }
  }
  return (type, field) => named.get(type)?.has(field) ?? CONNECTION.includes(field)
}
