import type { GraphDefinition } from '../../src/graph/schema/define-graph.ts'
import { composeSubgraph } from '../../src/graph/compose.ts'
import { createLocalSubgraph } from '../../src/graph/gateway/transport/local-subgraph.ts'
import type { Subgraph } from '../../src/graph/gateway/subgraph.ts'
import { createRequestContexts } from '../../src/graph/context/request-contexts.ts'
import type { GraphResources } from '../../src/graph/context/resources.ts'
import { localSubgraph } from '../../src/runtime/federation/local-subgraph.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

/** The same subgraph as a service has it in its process, and as it is when everything is executed; with what they read. */
export function bothWays(graphs: readonly GraphDefinition[], resources: GraphResources) {
  const { schema, sdl } = composeSubgraph(graphs)
  const statements: string[] = []
  const listened: GraphResources = {
    ...resources,
    read(statement, values) {
      statements.push(statement.text)
      return resources.read(statement, values)
    },
  }
  return {
    own: localSubgraph({ name: 'own', graphs, schema, sdl }, listened, logger),
    executed: executedSubgraph(graphs, resources),
    /** What the first of them has asked PostgreSQL since the last time. */
    read: () => statements.splice(0),
  }
}

/** A subgraph in this process that executes whatever it is asked. */
function executedSubgraph(graphs: readonly GraphDefinition[], resources: GraphResources): Subgraph {
  const { schema } = composeSubgraph(graphs)
  const contexts = createRequestContexts(resources, graphs)
  return createLocalSubgraph({
    name: 'own',
    schema,
    contextOf: (request) => contexts.of(request, request.caller),
    extensionsOf: (request) => contexts.report(request),
    report: () => undefined,
  })
}
