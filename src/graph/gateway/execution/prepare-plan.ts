import { InvalidSupergraphError } from '../errors.ts'
import type { PlanNode, RootFetch } from '../plan/nodes.ts'
import type { Subgraph } from '../subgraph.ts'
import type { TypeConditions } from '../supergraph.ts'
import { ask } from './ask.ts'
import { prepareEntityFetch } from './entity-fetch.ts'
import type { Step } from './execution.ts'
import { type PreparedRootFetch, prepareRootFetch } from './root-fetch.ts'

export interface PreparedPlan {
  /** Of a subscription: what is subscribed to. `run` is for each of its results. */
  readonly primary: PreparedRootFetch | undefined
  readonly run: Step
}

/** Everything that does not change from run to run is made here, once for each plan. */
export function preparePlan(
  node: PlanNode | undefined,
  subgraphs: ReadonlyMap<string, Subgraph>,
  types: TypeConditions,
): PreparedPlan {
  const primaries: PreparedRootFetch[] = []
  const run = node ? prepare(node) : nothing
  return { primary: primaries[0], run }

  function prepare(node: PlanNode): Step {
    if (node.kind === 'root') return rootStep(rootFetch(node))
    if (node.kind === 'entities') return prepareEntityFetch(node, subgraph(node.operation.subgraph), types)
    if (node.kind === 'sequence') return inSequence(node.nodes.map(prepare))
    if (node.kind === 'parallel') return inParallel(node.nodes.map(prepare))
    if (node.kind === 'condition') {
      const included = node.included ? prepare(node.included) : nothing
      const otherwise = node.otherwise ? prepare(node.otherwise) : nothing
      return onCondition(node.variable, included, otherwise)
    }
    primaries.push(rootFetch(node.primary))
    return nothing
  }

  function rootFetch(node: RootFetch): PreparedRootFetch {
    return prepareRootFetch(node, subgraph(node.operation.subgraph), types)
  }

  function subgraph(name: string): Subgraph {
    const found = subgraphs.get(name)
    if (!found) throw new InvalidSupergraphError(`it plans with a subgraph ${name} that it does not name`)
    return found
  }
}

const nothing: Step = () => undefined

function rootStep(fetch: PreparedRootFetch): Step {
  return async (execution) => {
    try {
      fetch.accept(execution, await ask(fetch.subgraph, fetch.request(execution)))
    } catch (cause) {
      fetch.refuse(execution, cause)
    }
  }
}

function inSequence(steps: readonly Step[]): Step {
  return async (execution) => {
    for (const step of steps) await step(execution)
  }
}

function inParallel(steps: readonly Step[]): Step {
  return (execution) => {
    const running = steps.flatMap((step) => step(execution) ?? [])
    return running.length > 1 ? settled(running) : running[0]
  }
}

async function settled(running: Promise<void>[]): Promise<void> {
  await Promise.all(running)
}

function onCondition(variable: string, included: Step, otherwise: Step): Step {
  return (execution) => (execution.variables[variable] === true ? included : otherwise)(execution)
}
