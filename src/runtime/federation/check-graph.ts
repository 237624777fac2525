import type { StrategyName } from '../../graph/gateway/subgraph.ts'
import { InvalidSupergraphError } from '../../graph/gateway/errors.ts'
import { readSupergraph } from '../../graph/gateway/supergraph.ts'
import { EngineUnsuitedError } from '../../graph/mercurius-gateway/errors.ts'
import { toFederation1 } from '../../graph/mercurius-gateway/federation1/to-federation1.ts'
import type { SubgraphText } from '../../graph/supergraph/compose-supergraph.ts'
import { type SuppliedType, suppliedTypes } from '../../graph/supergraph/supplied-types.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import { type ChainPlan, planChain, strategiesFor } from './chain-plan.ts'
import { chainWarnings } from './chain-warnings.ts'
import type { GraphView } from './graph-view.ts'
import { mappingsOf } from './mappings.ts'
import { trySupergraph } from './try-supergraph.ts'
import { type GraphProblem, composeView } from './view-schemas.ts'

/** What there is to say of a graph before it is served. */
export interface GraphCheck {
  as: GraphView['as']
  /** Where each is executed when it is not read from tables; null for one that is nowhere but in tables. */
  subgraphs: { name: string; reached: 'here' | 'http' | null }[]
  /** A gateway would not serve it, for these reasons. */
  problems: GraphProblem[]
  /** It would, and not as whoever has configured it may think. */
  warnings: { subgraph: string | null; message: string }[]
  /** What a field is resolved by, in this order. Of root types the strategies are those of every field: `*`. */
  fields: { subgraph: string; type: string; field: string; strategies: readonly StrategyName[] }[]
}

/**
 * Composes the graph, and plans how every field of it is reached, as a gateway would; nothing but schemas is asked for.
 *
 * @param changed files with the SDL of subgraphs, by name, that are taken instead
 * @throws as composeView
 */
export async function checkGraph(view: GraphView, changed: ReadonlyMap<string, string>): Promise<GraphCheck> {
  const nothing = { as: view.as, subgraphs: [], warnings: [], fields: [] }
  const composed = await composeView(view, changed)
  if ('problems' in composed) return { ...nothing, problems: composed.problems }
  try {
    const isPlanned = await tryEngine(view, composed)
    return withPlans(view, composed.supergraphSdl, isPlanned ? [] : [NOT_PLANNED])
  } catch (error) {
    if (!(error instanceof InvalidSupergraphError || error instanceof EngineUnsuitedError)) throw error
    return { ...nothing, problems: [problemOf(error, null)] }
  }
}

/**
 * Whether the engine has been tried, and takes it.
 * @throws InvalidSupergraphError, EngineUnsuitedError
 */
async function tryEngine(
  { config }: GraphView,
  { supergraphSdl, subgraphs }: { supergraphSdl: string; subgraphs: readonly SubgraphText[] },
): Promise<boolean> {
  if (config.gateway.engine === 'hive') return (await trySupergraph(supergraphSdl)).isPlanned
  const { assertReadsSupergraphs } = await import('./engine.ts')
  if (subgraphs.length === 0) assertReadsSupergraphs(config)
  toFederation1(subgraphs)
  return true
}

const NOT_PLANNED = {
  subgraph: null,
  message: 'the query planner is not installed here: whether it takes the supergraph has not been tried',
}

function withPlans(view: GraphView, supergraphSdl: string, warnings: GraphCheck['warnings']): GraphCheck {
  const { as, config } = view
  const check: GraphCheck = { as, subgraphs: [], problems: [], warnings: [...warnings], fields: [] }
  const supplied = suppliedTypes(supergraphSdl)
  const { subgraphs } = readSupergraph(supergraphSdl)
  for (const [name, url] of subgraphs) {
    const types = supplied.filter(({ subgraph }) => subgraph === name)
    try {
      const plan = planOf(view, name, url, supergraphSdl)
      const configured = config.federation.subgraphs.find((one) => one.name === name)
      const [first] = plan.transports
      check.subgraphs.push({ name, reached: first === 'local' ? 'here' : (first ?? null) })
      check.fields.push(...types.flatMap((type) => fieldsOf(plan, type)))
      check.warnings.push(
        ...chainWarnings(plan, configured, types).map((message) => ({ subgraph: name, message })),
      )
    } catch (error) {
      if (!(error instanceof HeadwaterError)) throw error
      check.problems.push(problemOf(error, name))
    }
  }
  const strangers = config.federation.subgraphs.filter(({ name }) => !subgraphs.has(name))
  check.warnings.push(
    ...strangers.map(({ name }) => ({ subgraph: name, message: 'it is no part of the supergraph' })),
  )
  return check
}

function planOf({ as, config, known, served }: GraphView, name: string, url: string, sdl: string): ChainPlan {
  return planChain({
    name,
    url,
    configured: config.federation.subgraphs.find((one) => one.name === name),
    isLocal: served.some((one) => one.name === name),
    // A service always has one: its own, or the one that it starts.
    hasOwnDatabase: as !== 'gateway' || config.postgres.url !== undefined,
    mappings: mappingsOf(config, name, known.get(name), sdl),
  })
}

function fieldsOf(plan: ChainPlan, type: SuppliedType): GraphCheck['fields'] {
  const names = type.root === undefined ? type.fields : ['*']
  return names.map((field) => ({
    subgraph: plan.name,
    type: type.type,
    field,
    strategies: strategiesFor(plan, type, field),
  }))
}

function problemOf({ code, message }: HeadwaterError, subgraph: string | null): GraphProblem {
  return { code, subgraph, message }
}
