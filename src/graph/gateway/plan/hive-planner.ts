import { PlannerUnavailableError, InvalidSupergraphError, UnplannableError } from '../errors.ts'
import { planNode } from './hive-plan.ts'
import type { QueryPlanner } from './planner.ts'

/** Progressive overrides (`@override(label:)`) are off: a plan is kept for all who send the same operation. */
const NO_LABELS: Set<string> = new Set()
const NO_PERCENTAGE = 100

/**
 * The planner of Hive Router, a native addon (Linux with glibc, macOS) and an optional dependency.
 *
 * @throws PlannerUnavailableError when it does not load; InvalidSupergraphError when it does not take the supergraph
 */
export async function createHivePlanner(supergraphSdl: string): Promise<QueryPlanner> {
  const { QueryPlanner } = await load()
  const planner = make(() => new QueryPlanner(supergraphSdl))
  return {
    publicSdl: planner.consumerSchema,
    async plan(document, operationName) {
      const plan = await planner
        .planAsync(document, operationName, NO_LABELS, NO_PERCENTAGE)
        .catch((cause: unknown) => {
          throw new UnplannableError(cause)
        })
      return plan.node ? planNode(plan.node) : undefined
    },
  }
}

async function load() {
  try {
    return await import('@graphql-hive/router-query-planner')
  } catch (cause) {
    throw new PlannerUnavailableError(cause)
  }
}

function make<Planner>(create: () => Planner): Planner {
  try {
    return create()
  } catch (cause) {
    throw new InvalidSupergraphError(cause instanceof Error ? cause.message : String(cause), cause)
  }
}
