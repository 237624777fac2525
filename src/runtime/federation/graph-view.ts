import type { Config } from '../config/index.ts'
import type { Context } from '../define-context.ts'
import { servedOf } from '../load-contexts.ts'
import { type OwnSubgraph, ownSubgraphs } from './own-subgraphs.ts'

/**
 * Whose graph is looked at, which decides what is served here: that of `headwater start`, whose contexts are; that of
 * `headwater gateway`, which serves none; or, where nothing of a federation is configured, of all contexts together, as
 * a process for each with a gateway before them would have it.
 */
export interface GraphView {
  readonly as: 'start' | 'gateway' | 'contexts'
  readonly config: Config
  /** Every context whose code is here, by name. */
  readonly known: ReadonlyMap<string, OwnSubgraph>
  readonly served: readonly OwnSubgraph[]
}

/** @throws ContextModuleError when a context is to be served that there is not */
export function graphView(config: Config, contexts: readonly Context[], isGateway: boolean): GraphView {
  const known = ownSubgraphs(contexts)
  const ownOf = (names: readonly Context[]) => names.flatMap(({ name }) => known.get(name) ?? [])
  if (isGateway) return { as: 'gateway', config, known, served: [] }
  const isFederated = config.gateway.supergraph !== undefined || config.federation.subgraphs.length > 0
  const served = isFederated ? servedOf(contexts, config.contexts) : contexts
  return { as: isFederated ? 'start' : 'contexts', config, known, served: ownOf(served) }
}
