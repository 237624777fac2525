import type { Logger } from '../../streams/logger.ts'
import { SubgraphError } from '../gateway/errors.ts'
import { createActive } from '../gateway/operation/active.ts'
import type { Resolution, Subgraph, SubgraphRequest, SubgraphResult } from '../gateway/subgraph.ts'
import { type EntityMapping, assertApplicable } from './entity-mapping.ts'
import { type DatabaseHealth, pingDrivers } from './database-health.ts'
import { type IsObjectType, entityOperations } from './entity-operation.ts'
import { guardSteps } from './guarded-step.ts'
import type { StepSettings } from './limits.ts'
import { withNeededFields } from './needed-selection.ts'
import { type GuardedChain, resolveEntities } from './resolve-entities.ts'
import { slotsByType } from './slots.ts'
import type { EntityChain, StepStatus, TransportStep } from './step.ts'
import { endingWith } from './transport-call.ts'
import { tryInOrder } from './try-steps.ts'

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

/**
 * The mapping of a chain whose hooks are applied here to what a subgraph answers.
 * @throws TypeError when they need what the subgraph cannot be asked for
 */
function appliedHere({ mapping, steps }: GuardedChain): EntityMapping[] {
  const isApplied = steps.some(({ step }) => 'subgraph' in step && !step.enforcesAuthorization)
  if (!mapping?.authorize || !isApplied) return []
  assertApplicable(mapping)
  return [mapping]
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
  const operationOf = entityOperations((type) => chains.has(type) || isObjectType(type))
  const withNeeded = withNeededFields([...chains.values()].flatMap(appliedHere))
  const active = createActive()
  const all = [...root.steps, ...[...chains.values()].flatMap(({ steps }) => steps)]
  const subgraphs = new Set(all.flatMap(({ step }) => ('subgraph' in step ? [step.subgraph] : [])))
  const drivers = new Set(all.flatMap(({ step }) => ('driver' in step ? [step.driver] : [])))

  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await active.idle()
    await Promise.all([...subgraphs, ...drivers].map((opened) => opened.close()))
  }

  async function execute(request: SubgraphRequest): Promise<SubgraphResult> {
    const operation = chains.size > 0 ? operationOf(request.operation, request.variables) : undefined
    const byType = operation && slotsByType(operation.fetches, request.variables)
    if (!operation || !byType || ![...byType.keys()].some((type) => chains.has(type)))
      return passOn(root.steps, request)
    const [only] = byType.size === 1 ? byType.keys() : []
    const chain = only === undefined ? undefined : chains.get(only)
    // Where only the subgraph is asked, and what it says is shown as it is, nothing has to be taken apart.
    if (chain && isPlain(chain)) return passOn(chain.steps, request)
    const chainOf = (type: string) => chains.get(type) ?? root
    return resolveEntities({ subgraph: name, request, operation, byType, chainOf, withNeeded, logger })
  }

  function passOn(steps: GuardedChain['steps'], request: SubgraphRequest): Promise<SubgraphResult> {
    return tryInOrder(name, steps, request, ({ step }) =>
      'subgraph' in step
        ? (signal) => step.subgraph.execute({ ...request, request: endingWith(request.request, signal) })
        : undefined,
    )
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

function isPlain({ steps, mapping }: GuardedChain): boolean {
  return mapping?.authorize === undefined && steps.every(({ step }) => 'subgraph' in step)
}
