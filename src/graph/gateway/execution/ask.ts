import { SubgraphError } from '../errors.ts'
import type { Subgraph, SubgraphRequest, SubgraphResult } from '../subgraph.ts'

/** Asks a subgraph, unless nobody waits for the answer any more. */
export async function ask(subgraph: Subgraph, asked: SubgraphRequest): Promise<SubgraphResult> {
  if (asked.request.signal.aborted) throw new SubgraphError(subgraph.name, 'SUBGRAPH_TIMEOUT')
  return await subgraph.execute(asked)
}
