import { createLocalSubgraph } from '../../graph/gateway/transport/local-subgraph.ts'
import type { Subgraph } from '../../graph/gateway/subgraph.ts'
import { createRequestContexts } from '../../graph/context/request-contexts.ts'
import type { GraphResources } from '../../graph/context/resources.ts'
import { createOwnRows } from '../../graph/strategies/own-rows.ts'
import type { Logger } from '../../streams/logger.ts'
import type { OwnSubgraph } from './own-subgraphs.ts'

/** A context that is served here as a subgraph, without a hop: what a request does in one fetch, its next ones know of. */
export function localSubgraph(
  { name, graphs, schema }: OwnSubgraph,
  resources: GraphResources,
  logger: Logger,
): Subgraph {
  const contexts = createRequestContexts(resources, graphs)
  return createLocalSubgraph({
    name,
    schema,
    contextOf: (request) => contexts.of(request, request.caller),
    extensionsOf: (request) => contexts.report(request),
    read: createOwnRows({ schema, graphs, logger }),
    report: (error) => logger.error({ err: error }, 'a field failed'),
  })
}
