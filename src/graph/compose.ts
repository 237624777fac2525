import { buildFederationSchema } from '@mercuriusjs/federation'
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  assertValidSchema,
  buildASTSchema,
  concatAST,
  parse,
  print,
} from 'graphql/index.js'
import { attachHooks, attachResolvers, attachScalars } from './schema/attach.ts'
import { baseTypeDefs } from './schema/base-schema.ts'
import type { GraphDefinition } from './schema/define-graph.ts'
import { entitiesOf, isKeyed } from './schema/entities.ts'
import { federated, stub, unfederated } from './federation/federation.ts'
import { changeGraph, liveGraph } from './live/live-graph.ts'
import { definedByKeys } from './federation/keys.ts'
import { logGraph } from './reads/log-graph.ts'
import { withCostDirectives } from './limits/cost/definitions.ts'
import { mergeDefinitions } from './schema/merge-definitions.ts'
import { projectionsGraph } from './reads/projections-graph.ts'
import { attachEntities } from './federation/attach-entities.ts'

/** Root types that a service may have nothing for; without fields they are not valid. */
const OPTIONAL_ROOTS = new Set(['Mutation', 'Subscription'])

/**
 * Joins the graphs of all contexts into one schema that can be executed, for clients.
 * @throws TypeError when a resolver belongs to no field; GraphQLError when the SDL is not valid
 */
export function composeSchema(contextGraphs: readonly GraphDefinition[]): GraphQLSchema {
  const graphs = [logGraph, changeGraph, liveGraph, projectionsGraph, ...contextGraphs]
  const schema = buildASTSchema(withCostDirectives(unfederated(documentOf(graphs))))
  attachScalars(schema)
  attachResolvers(schema, graphs)
  attachHooks(schema, graphs)
  assertValidSchema(schema)
  return schema
}

/** A schema for gateways: with `_service` and `_entities`. */
export interface SubgraphSchema {
  readonly schema: GraphQLSchema
  /** The SDL as Federation 2 composes it. */
  readonly sdl: string
}

/**
 * Joins the graphs of a context, or of several, into one Federation 2 subgraph.
 *
 * @param isHost of all subgraphs of a supergraph one has what a field of `Subscription` can only be in one of: `eventsOf`,
 *   which follows any aggregate's events, whosoever it is
 * @throws as composeSchema does
 */
export function composeSubgraph(
  contextGraphs: readonly GraphDefinition[],
  { isHost = false }: { isHost?: boolean } = {},
): SubgraphSchema {
  const graphs = [logGraph, changeGraph, ...(isHost ? [liveGraph] : []), projectionsGraph, ...contextGraphs]
  const entities = entitiesOf(graphs)
  const keys = new Map(entities.filter(isKeyed).map(({ type, key }) => [type, key]))
  const owned = new Set(graphs.flatMap(({ entities: own = [] }) => own.map(({ type }) => type)))
  const sdl = print(federated(documentOf(graphs), keys, owned))
  const schema = buildFederationSchema(sdl)
  attachScalars(schema)
  attachResolvers(schema, graphs)
  attachHooks(schema, graphs)
  attachEntities(schema, entities)
  assertValidSchema(schema)
  return { schema, sdl }
}

/** The definitions of all graphs, each type once, with stubs for what is only referred to. */
function documentOf(graphs: readonly GraphDefinition[]): DocumentNode {
  const texts = [baseTypeDefs, ...graphs.flatMap(({ typeDefs }) => typeDefs)]
  const references = graphs.flatMap(({ references: own = {} }) => Object.entries(own))
  const stubs = new Map(references.map(([type, key]) => [type, stub(type, key)]))
  const document = definedByKeys(concatAST(texts.map((sdl) => parse(sdl))))
  const { definitions } = mergeDefinitions(document, stubs)
  return {
    kind: Kind.DOCUMENT,
    definitions: definitions.filter(
      (definition) =>
        !(
          definition.kind === Kind.OBJECT_TYPE_DEFINITION &&
          OPTIONAL_ROOTS.has(definition.name.value) &&
          definition.fields?.length === 0
        ),
    ),
  }
}
