import type { StrategyName } from '../../graph/gateway/subgraph.ts'
import { type EntityMapping, assertApplicable } from '../../graph/strategies/entity-mapping.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { Config } from '../config/index.ts'

export type ConfiguredSubgraph = Config['federation']['subgraphs'][number]

export interface ChainPlanOptions {
  name: string
  /** What the supergraph says; empty when it is not reached over HTTP. */
  url: string
  /** Undefined for one of which nothing but its name and place is known. */
  configured: ConfiguredSubgraph | undefined
  /** Whether it is served in this process. */
  isLocal: boolean
  /** Whether this process has a PostgreSQL of its own, which fdw needs. */
  hasOwnDatabase: boolean
  mappings: readonly EntityMapping[]
}

/** The ways in which a subgraph is reached, none of them gone yet. */
export interface ChainPlan {
  readonly name: string
  /** Where it answers over HTTP, if it does. */
  readonly address: string | undefined
  /** For root fields, and for the types that are not in `types`. */
  readonly transports: readonly ('local' | 'http')[]
  readonly types: ReadonlyMap<string, TypePlan>
}

export interface TypePlan {
  readonly strategies: readonly StrategyName[]
  readonly mapping: EntityMapping | undefined
}

class ChainError extends HeadwaterError {
  constructor(detail: string) {
    super({ code: 'FEDERATION_INVALID', status: 500, detail })
  }
}

/**
 * The ways that are configured for each type of a subgraph, or else derived: in this process, if it is served here; from its
 * database, if there is one and its tables are known; over HTTP. Nothing is opened.
 *
 * @throws ChainError when a way that is asked for cannot be gone
 */
export function planChain(options: ChainPlanOptions): ChainPlan {
  const { name, url, configured, isLocal, hasOwnDatabase, mappings } = options
  const address = (configured?.graphqlUrl ?? url) || undefined
  if (configured?.fdwSchema !== undefined && !hasOwnDatabase)
    throw new ChainError(`fdw for the subgraph ${name} needs a PostgreSQL of this process: set DATABASE_URL`)
  const available = new Set<StrategyName>([
    ...(isLocal ? ['local' as const] : []),
    ...(address === undefined ? [] : ['http' as const]),
    ...(configured?.databaseUrl === undefined ? [] : ['direct-db' as const]),
    ...(configured?.fdwSchema === undefined ? [] : ['fdw' as const]),
  ])

  function planType(type: string): TypePlan {
    const mapping = mappings.find((one) => one.type === type)
    const strategies = configured?.strategies[type] ?? derivedStrategies(available, mapping)
    for (const strategy of strategies) {
      if (!available.has(strategy))
        throw new ChainError(
          `${type} of the subgraph ${name} cannot be reached by ${strategy}: ${needed(strategy)}`,
        )
      if (!mapping && isOfTable(strategy)) {
        const how = `federation.subgraphs.entities.${type}`
        throw new ChainError(
          `${type} of the subgraph ${name} cannot be read by ${strategy}: its table is not known; say it in ${how}`,
        )
      }
    }
    if (strategies.includes('http')) applicable(mapping)
    return { strategies, mapping }
  }

  const types = new Set([...mappings.map(({ type }) => type), ...Object.keys(configured?.strategies ?? {})])
  return {
    name,
    address,
    transports: [
      ...(available.has('local') ? ['local' as const] : []),
      ...(available.has('http') ? ['http' as const] : []),
    ],
    types: new Map([...types].map((type) => [type, planType(type)])),
  }
}

/**
 * The ways to a field of a type, in their order: a table has what is mapped and no more. A subscription stays with the first
 * way that it has begun on.
 */
export function strategiesFor(
  { transports, types }: ChainPlan,
  { type, root }: { type: string; root: string | undefined },
  field: string,
): readonly StrategyName[] {
  if (root !== undefined) return root === 'subscription' ? transports.slice(0, 1) : transports
  const plan = types.get(type)
  if (!plan) return transports
  const isMapped = plan.mapping !== undefined && Object.hasOwn(plan.mapping.fields, field)
  return plan.strategies.filter((strategy) => isMapped || !isOfTable(strategy))
}

export function isOfTable(strategy: StrategyName): strategy is 'direct-db' | 'fdw' {
  return strategy === 'direct-db' || strategy === 'fdw'
}

/** Same process → local; a database that is known → direct-db, or fdw; else, and after them, HTTP. */
function derivedStrategies(
  available: Pick<ReadonlySet<StrategyName>, 'has'>,
  mapping: EntityMapping | undefined,
): StrategyName[] {
  if (available.has('local')) return ['local']
  const all: StrategyName[] = mapping ? ['direct-db', 'fdw', 'http'] : ['http']
  return all.filter((strategy) => available.has(strategy))
}

/** What is answered over HTTP has its hooks applied here. */
function applicable(mapping: EntityMapping | undefined): void {
  try {
    if (mapping) assertApplicable(mapping)
  } catch (error) {
    throw error instanceof TypeError ? new ChainError(error.message) : error
  }
}

function needed(strategy: StrategyName): string {
  if (strategy === 'local') return 'it is not served in this process'
  if (strategy === 'http') return 'it has no graphql_url'
  return strategy === 'direct-db' ? 'it has no database_url' : 'it has no fdw_schema'
}
