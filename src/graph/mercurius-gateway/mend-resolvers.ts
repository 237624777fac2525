import {
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionNode,
  Kind,
  isObjectType,
} from 'graphql/index.js'
import type { MercuriusContext } from 'mercurius'
import { isTree } from '../gateway/execution/tree.ts'
import { errorOf } from './dispatcher.ts'
import { unmarked } from './failed-entities.ts'
import { type Served, calls } from './served.ts'

/**
 * Makes good what the engine's resolvers get wrong: they read a reference by its field's name and not by its alias, take the
 * first of several selections of a field for all of it, and wrap errors so that nobody can read them. Enums have no resolver
 * at all, which loses those with an alias.
 *
 * @param ownAnswers `Type.field`s that are there, or not, in what a subgraph has answered
 * @param servedOf the request whose operation is executed with a context
 */
export function mendResolvers(
  schema: GraphQLSchema,
  ownAnswers: ReadonlySet<string>,
  servedOf: (context: MercuriusContext) => Served | undefined,
): void {
  const roots = new Set([schema.getQueryType(), schema.getMutationType()])
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field
      if (!resolve || ownAnswers.has(`${type.name}.${field.name}`)) field.resolve = readKey
      else field.resolve = mended(resolve, roots.has(type))
    }
  }

  function mended(resolve: Resolver, isRoot: boolean): Resolver {
    return async (parent, args, context, info) => {
      const served = servedOf(context)
      if (!served) throw new TypeError('The engine executes what nobody has asked for')
      const source = isRoot ? parent : byFieldName(parent, info)
      try {
        const value = await calls.run({ served, key: info.path.key }, () =>
          resolve(source, args, context, withAllNodes(info)),
        )
        return unmarked(value, served.failures)
      } catch (error) {
        throw errorOf(error)
      }
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, MercuriusContext>

const readKey: Resolver = (parent, _, __, { path }) => (isTree(parent) ? parent[path.key] : undefined)

/** The object with what the client calls otherwise under the field's own name, where the engine looks for it. */
function byFieldName(parent: unknown, { fieldName, path }: GraphQLResolveInfo): unknown {
  return path.key === fieldName || !isTree(parent) ? parent : { ...parent, [fieldName]: parent[path.key] }
}

const merged = new WeakMap<readonly FieldNode[], readonly FieldNode[]>()

function withAllNodes(info: GraphQLResolveInfo): GraphQLResolveInfo {
  const { fieldNodes } = info
  const [first] = fieldNodes
  if (!first || fieldNodes.length === 1) return info
  const known = merged.get(fieldNodes) ?? [withSelections(first, fieldNodes.flatMap(selectionsOf))]
  merged.set(fieldNodes, known)
  return { ...info, fieldNodes: known }
}

const selectionsOf = ({ selectionSet }: FieldNode) => selectionSet?.selections ?? []

function withSelections(field: FieldNode, selections: readonly SelectionNode[]): FieldNode {
  return selections.length === 0
    ? field
    : { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections: [...selections] } }
}
