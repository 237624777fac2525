import type { StrategyName } from '../../graph/gateway/subgraph.ts'
import type { SuppliedType } from '../../graph/supergraph/supplied-types.ts'
import { type ChainPlan, type ConfiguredSubgraph, isOfTable, strategiesFor } from './chain-plan.ts'

/**
 * What is configured for a subgraph and has no effect, or leaves something of it out of reach.
 * @param types what the subgraph can be asked for
 */
export function chainWarnings(
  plan: ChainPlan,
  configured: ConfiguredSubgraph | undefined,
  types: readonly SuppliedType[],
): string[] {
  const entities = types.filter(({ root }) => root === undefined)
  return [
    ...strangers(plan, entities),
    ...unused(plan, configured),
    ...types.flatMap((type) => outOfReach(plan, type)),
    ...entities.flatMap((type) => unasked(plan, type)),
  ]
}

function strangers({ types }: ChainPlan, entities: readonly SuppliedType[]): string[] {
  return [...types.keys()]
    .filter((type) => !entities.some((one) => one.type === type))
    .map((type) => `${type} has strategies or a table, and is no entity type of the subgraph (no @key there)`)
}

function unused({ types }: ChainPlan, configured: ConfiguredSubgraph | undefined): string[] {
  const used = new Set<StrategyName>([...types.values()].flatMap(({ strategies }) => strategies))
  const given = [
    ['database_url', 'direct-db', configured?.databaseUrl],
    ['fdw_schema', 'fdw', configured?.fdwSchema],
  ] as const
  return given
    .filter(([, strategy, value]) => value !== undefined && !used.has(strategy))
    .map(([key, strategy]) => `${key} is configured, and no type is read by ${strategy}`)
}

function outOfReach(plan: ChainPlan, type: SuppliedType): string[] {
  const lost = type.fields.filter((field) => strategiesFor(plan, type, field).length === 0)
  if (lost.length === 0) return []
  const what = type.root === undefined ? `${type.type}.${lost.join(', ')}` : `fields of ${type.type}`
  return [
    `${what} cannot be had by any strategy: asking for it fails. Add graphql_url, or http to its strategies`,
  ]
}

/** A table that is never found by what it is asked with, and columns of fields that other subgraphs have. */
function unasked({ types }: ChainPlan, { type, keys, fields }: SuppliedType): string[] {
  const { mapping, strategies = [] } = types.get(type) ?? {}
  if (!mapping || !strategies.some(isOfTable)) return []
  const key = Object.keys(mapping.key)
  const isKey = keys.some((one) => key.every((field) => one.split(/[\s{}]+/).includes(field)))
  const others = Object.keys(mapping.fields).filter((field) => !fields.includes(field))
  return [
    ...(isKey ? [] : [`${type} is looked up in its table by ${key.join(', ')}, which is no key of it`]),
    ...(others.length === 0
      ? []
      : [`${type}.${others.join(', ')} has a column, and is not resolved by the subgraph`]),
  ]
}
