import type { Logger } from '../../streams/logger.ts'
import type { SubgraphRequest, SubgraphResult } from '../gateway/subgraph.ts'
import { type EntityMapping, assertApplicable } from './entity-mapping.ts'
import { type IsObjectType, entityOperations } from './entity-operation.ts'
import { withNeededFields } from './needed-selection.ts'
import { type GuardedChain, resolveEntities } from './resolve-entities.ts'
import { slotsByType } from './slots.ts'
import { endingWith } from './transport-call.ts'
import { tryInOrder } from './try-steps.ts'

export interface RouteOptions {
  subgraph: string
  /** For root fields, and for the types that have no chain of their own. */
  root: GuardedChain
  /** By entity type. */
  chains: ReadonlyMap<string, GuardedChain>
  isObjectType: IsObjectType
  logger: Logger | undefined
}

/**
 * Makes a function that sends each request the way of its entities: by the chains of their types where they have some, and
 * else to the subgraph as it is.
 * @throws TypeError for hooks that cannot be applied
 */
export function routeRequests({ subgraph, root, chains, isObjectType, logger }: RouteOptions) {
  const operationOf = entityOperations((type) => chains.has(type) || isObjectType(type))
  const withNeeded = withNeededFields([...chains.values()].flatMap(appliedHere))
  const chainOf = (type: string) => chains.get(type) ?? root

  return async (request: SubgraphRequest): Promise<SubgraphResult> => {
    const operation = chains.size > 0 ? operationOf(request.operation, request.variables) : undefined
    const byType = operation && slotsByType(operation.fetches, request.variables)
    if (!operation || !byType || ![...byType.keys()].some((type) => chains.has(type)))
      return passOn(root, request)
    const [only] = byType.size === 1 ? byType.keys() : []
    const chain = only === undefined ? undefined : chains.get(only)
    // Where only the subgraph is asked, and what it says is shown as it is, nothing has to be taken apart.
    if (chain && isPlain(chain)) return passOn(chain, request)
    return resolveEntities({ subgraph, request, operation, byType, chainOf, withNeeded, logger })
  }

  function passOn({ steps }: GuardedChain, request: SubgraphRequest): Promise<SubgraphResult> {
    return tryInOrder(subgraph, steps, request, ({ step }) =>
      'subgraph' in step
        ? (signal) => step.subgraph.execute({ ...request, request: endingWith(request.request, signal) })
        : undefined,
    )
  }
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

function isPlain({ steps, mapping }: GuardedChain): boolean {
  return mapping?.authorize === undefined && steps.every(({ step }) => 'subgraph' in step)
}
