import type { Logger } from '../../streams/logger.ts'
import { SubgraphError } from '../gateway/errors.ts'
import { createActive } from '../gateway/operation/active.ts'
import type { Resolution, Subgraph } from '../gateway/subgraph.ts'
import { type DatabaseHealth, pingDrivers } from './database-health.ts'
import type { IsObjectType } from './entity-operation.ts'
import { guardSteps } from './guarded-step.ts'
import type { StepSettings } from './limits.ts'
import type { GuardedChain } from './resolve-entities.ts'
import { routeRequests } from './route.ts'
import type { EntityChain, StepStatus, TransportStep } from './step.ts'

export interface ChainOptions {
  /** The subgraph's. */
  name: string
  /** For root fields, and for the types that have no chain of their own. */
  transports: readonly TransportStep[]
  /** By entity type. */
  entities?: Readonly<Record<string, EntityChain>>
  /** Whether a name is an object type of the schema; the types of `entities` are. Others might be interfaces. */
  isObjectType?: IsObjectType
  /** Of every step, unless it has its own. */
  settings?: StepSettings
  /** Hears of every step that was tried; for metrics. */
  onResolution?: (resolution: Resolution) => void
  logger?: Logger
}

export interface Chain extends Subgraph {
  /** How the steps have fared, those of root fields first. */
  status(): StepStatus[]
  /** Whether the databases of the steps answer, each asked once. */
  ping(timeoutMs?: number): Promise<DatabaseHealth[]>
}

/**
 * A subgraph whose entities are reached in several ways, by type: in this process, by its database, through a foreign table,
 * over HTTP. A way that fails, is slow or has failed too often gives way to the next; an answer without the entity, or with
 * errors, is an answer. Every way gives the same.
 *
 * Requests with the header `headwater-at-least` go to the subgraph, which waits for its projection; a table cannot.
 *
 * The chain closes the subgraphs and databases of its steps.
 *
 * @throws TypeError for a table without a mapping, and for hooks that cannot be applied
 *
 * @example
 * createChain({
 *   name: 'customers',
 *   transports: [{ strategy: 'http', subgraph: http }],
 *   entities: {
 *     Customer: { mapping, steps: [{ strategy: 'direct-db', driver }, { strategy: 'http', subgraph: http }] },
 *   },
 * })
 */
export function createChain({
  name,
  transports,
  entities = {},
  isObjectType = () => false,
  settings,
  onResolution = () => undefined,
  logger,
}: ChainOptions): Chain {
  const surroundings = { subgraph: name, settings, onResolution, logger }
  const root: GuardedChain = {
    steps: guardSteps(undefined, { steps: transports }, surroundings),
    mapping: undefined,
  }
  const chains = new Map(
    Object.entries(entities).map(([type, chain]): [string, GuardedChain] => [
      type,
      { steps: guardSteps(type, chain, surroundings), mapping: chain.mapping },
    ]),
  )
  const execute = routeRequests({ subgraph: name, root, chains, isObjectType, logger })
  const active = createActive()
  const all = [...root.steps, ...[...chains.values()].flatMap(({ steps }) => steps)]
  const subgraphs = new Set(all.flatMap(({ step }) => ('subgraph' in step ? [step.subgraph] : [])))
  const drivers = new Set(all.flatMap(({ step }) => ('driver' in step ? [step.driver] : [])))

  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await active.idle()
    await Promise.all([...subgraphs, ...drivers].map((opened) => opened.close()))
  }

  return {
    name,
    async execute(request) {
      if (closing) throw new SubgraphError(name, 'SUBGRAPH_UNAVAILABLE')
      active.begin()
      try {
        return await execute(request)
      } finally {
        active.end()
      }
    },
    subscribe(request) {
      const [first] = transports
      if (!first) throw new SubgraphError(name, 'SUBGRAPH_UNAVAILABLE')
      return first.subgraph.subscribe(request)
    },
    status: () => all.map((step) => step.status()),
    ping: (timeoutMs) => pingDrivers(all, timeoutMs),
    close: () => (closing ??= close()),
  }
}
