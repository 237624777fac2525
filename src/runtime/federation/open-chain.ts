import type { Resolution, StrategyName, Subgraph } from '../../graph/gateway/subgraph.ts'
import { createHttpSubgraph } from '../../graph/gateway/transport/http-subgraph.ts'
import { type Chain, createChain } from '../../graph/strategies/chain.ts'
import { directStep } from '../../graph/strategies/direct-db.ts'
import { openTableDriver } from '../../graph/strategies/drivers/open.ts'
import type { EntityMapping } from '../../graph/strategies/entity-mapping.ts'
import { fdwStep } from '../../graph/strategies/fdw.ts'
import { limitsOf } from '../../graph/strategies/limits.ts'
import type { EntityChain, Step, TransportStep } from '../../graph/strategies/step.ts'
import type { Logger } from '../../streams/logger.ts'
import type { Config } from '../config/index.ts'
import { type ConfiguredSubgraph, type TypePlan, planChain } from './chain-plan.ts'

export interface OpenChainOptions {
  name: string
  /** What the supergraph says; empty when it is not reached over HTTP. */
  url: string
  /** Undefined for one of which nothing but its name and place is known. */
  configured: ConfiguredSubgraph | undefined
  /** The subgraph in this process, if it is served here. */
  local: Subgraph | undefined
  mappings: readonly EntityMapping[]
  isObjectType: (name: string) => boolean
  config: Config
  /** The service's own PostgreSQL, for fdw. */
  ownDatabaseUrl: string | undefined
  onResolution: (resolution: Resolution) => void
  logger: Logger
}

/**
 * A subgraph, reached in the ways that `planChain` gives each of its types.
 * @throws HeadwaterError FEDERATION_INVALID when a way that is asked for cannot be gone
 */
export async function openChain(options: OpenChainOptions): Promise<Chain> {
  const { name, url, configured, local, mappings, isObjectType, config, onResolution, logger } = options
  const { connections, timeoutMs, maxResponseBytes, maxSubscriptions, steps } = config.gateway
  const plan = planChain({
    name,
    url,
    configured,
    isLocal: local !== undefined,
    hasOwnDatabase: options.ownDatabaseUrl !== undefined,
    mappings,
  })
  for (const type of Object.keys(configured?.strategies ?? {})) {
    if (!isObjectType(type))
      logger.warn(
        { subgraph: name, type },
        'strategies are configured for a type that the graph does not have',
      )
  }
  const http =
    plan.address === undefined
      ? undefined
      : createHttpSubgraph({
          name,
          url: plan.address,
          ...(configured?.subscriptionsUrl !== undefined && {
            subscriptionsUrl: configured.subscriptionsUrl,
          }),
          connections,
          timeoutMs: Math.min(timeoutMs, limitsOf('http', steps).timeoutMs),
          maxResponseBytes,
          maxSubscriptions,
        })
  const transports: TransportStep[] = [
    // The hooks of an entity are part of its code, which is what runs here.
    ...(local ? [{ strategy: 'local', subgraph: local, enforcesAuthorization: true } as const] : []),
    ...(http ? [{ strategy: 'http', subgraph: http, keepsTime: true } as const] : []),
  ]
  // What no type is read by is not opened: nobody would close it.
  const used = new Set([...plan.types.values()].flatMap(({ strategies }) => strategies))
  const tables = await tableSteps(options, used)
  const opened = new Map<StrategyName, Step>([...transports, ...tables].map((step) => [step.strategy, step]))
  const chainOf = ({ strategies, mapping }: TypePlan): EntityChain => ({
    steps: strategies.flatMap((strategy) => opened.get(strategy) ?? []),
    ...(mapping && { mapping }),
  })
  return createChain({
    name,
    transports,
    entities: Object.fromEntries([...plan.types].map(([type, one]) => [type, chainOf(one)])),
    isObjectType,
    settings: steps,
    onResolution,
    logger,
  })
}

async function tableSteps(
  { name, configured, config, ownDatabaseUrl }: OpenChainOptions,
  used: ReadonlySet<StrategyName>,
): Promise<Step[]> {
  if (!configured) return []
  const { databaseUrl, fdwSchema, poolSize, statementTimeoutMs } = configured
  const limits = { subgraph: name, poolSize, statementTimeoutMs, schema: config.postgres.schema }
  const steps: Step[] = []
  if (used.has('direct-db') && databaseUrl !== undefined)
    steps.push(await directStep({ ...limits, url: databaseUrl }))
  if (used.has('fdw') && fdwSchema !== undefined && ownDatabaseUrl !== undefined) {
    const driver = await openTableDriver({ ...limits, url: ownDatabaseUrl })
    steps.push(fdwStep(name, driver, { schema: fdwSchema }))
  }
  return steps
}

export async function closeAll(chains: readonly Chain[]): Promise<void> {
  await Promise.allSettled(chains.map((chain) => chain.close()))
}
