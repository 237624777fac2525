import type { RootFetch } from '../plan/nodes.ts'
import type { Subgraph, SubgraphRequest, SubgraphResult } from '../subgraph.ts'
import type { TypeConditions } from '../supergraph.ts'
import { invalidResult, passedOn, unanswered } from './client-errors.ts'
import type { Execution } from './execution.ts'
import { keepExtensions } from './extensions.ts'
import { firstKey } from './first-key.ts'
import { pick } from './pick.ts'
import { compileRewrites, rewritePath } from './rewrite.ts'
import { subgraphOperation } from './subgraph-operation.ts'
import { isTree, merge } from './tree.ts'

/** A fetch of root fields, in its two halves: a subscription has one request and many results. */
export interface PreparedRootFetch {
  readonly subgraph: Subgraph
  request(execution: Execution): SubgraphRequest
  accept(execution: Execution, result: SubgraphResult): void
  refuse(execution: Execution, cause: unknown): void
}

export function prepareRootFetch(
  { operation: planned, output }: RootFetch,
  subgraph: Subgraph,
  types: TypeConditions,
): PreparedRootFetch {
  const operation = subgraphOperation(planned)
  const rewrite = compileRewrites(output, types)
  const key = firstKey(operation.document, undefined, () => true)
  const place = key === undefined ? undefined : [key]

  return {
    subgraph,
    request: ({ variables, request }) => ({
      operation,
      variables: pick(variables, planned.variables),
      request,
    }),
    accept(execution, { data, errors, extensions }) {
      keepExtensions(execution, extensions)
      for (const error of errors ?? []) {
        const path = error.path ? rewritePath(error.path, output) : place
        execution.errors.push(passedOn(subgraph.name, error, path))
      }
      if (isTree(data)) {
        rewrite?.(data)
        merge(execution.data, data, types)
      } else {
        if (!errors?.length) execution.errors.push(invalidResult(subgraph.name, place))
        execution.incomplete.add(execution.data)
      }
    },
    refuse(execution, cause) {
      execution.errors.push(unanswered(subgraph.name, cause, place))
      execution.incomplete.add(execution.data)
    },
  }
}
