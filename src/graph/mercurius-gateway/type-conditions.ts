import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql/index.js'

/**
 * The document with a type at each inline fragment: the engine fails at `... @include(if: $some) { … }`, which has none.
 * The same document when it has no such fragment.
 */
export function withTypeConditions(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema)
  return visit(
    document,
    visitWithTypeInfo(types, {
      InlineFragment(node) {
        const parent = types.getParentType()
        if (node.typeCondition || !parent) return undefined
        const name = { kind: Kind.NAME, value: parent.name } as const
        return { ...node, typeCondition: { kind: Kind.NAMED_TYPE, name } }
      },
    }),
  )
}
