import type {
  BatchFetchNode,
  FetchNode,
  FlattenNodePathSegment,
  PlanNode as HiveNode,
  FetchNodePathSegment,
  FetchRewrite,
  RequiresSelection,
} from '@graphql-hive/router-query-planner'
import { UnplannableError } from '../errors.ts'
import type { DataPath, PlanNode, PlannedOperation, Requirement, Rewrite, RootFetch } from './nodes.ts'

/** As it comes: what the addon does not set is null, though its types say undefined. */
type Maybe<Value> = Value | null | undefined

/**
 * A plan of Hive Router's planner in our terms.
 *
 * @param within the path of the Flatten nodes around it
 * @throws UnplannableError for what is not supported: deferred parts
 */
export function planNode(node: HiveNode, within: DataPath = []): PlanNode {
  if (node.kind === 'Fetch') return fetchNode(node, within)
  if (node.kind === 'BatchFetch') return batchNode(node)
  if (node.kind === 'Flatten') return planNode(node.node, [...within, ...dataPath(node.path)])
  if (node.kind === 'Subscription') return { kind: 'subscription', primary: rootFetch(node.primary) }
  if (node.kind === 'Defer') throw new UnplannableError(new Error('a plan with @defer'))
  if (node.kind === 'Condition') {
    return {
      kind: 'condition',
      variable: node.condition,
      included: node.ifClause ? planNode(node.ifClause, within) : undefined,
      otherwise: node.elseClause ? planNode(node.elseClause, within) : undefined,
    }
  }
  const kind = node.kind === 'Sequence' ? 'sequence' : 'parallel'
  return { kind, nodes: node.nodes.map((one) => planNode(one, within)) }
}

function fetchNode(node: FetchNode, within: DataPath): PlanNode {
  if (!node.requires?.length) return rootFetch(node)
  return {
    kind: 'entities',
    operation: operationOf(node),
    batches: [
      {
        key: '_entities',
        variable: 'representations',
        paths: [within],
        requires: node.requires.map(requirement),
        input: rewrites(node.inputRewrites),
        output: rewrites(node.outputRewrites),
      },
    ],
  }
}

function batchNode(node: BatchFetchNode): PlanNode {
  return {
    kind: 'entities',
    operation: operationOf(node),
    batches: node.entityBatch.aliases.map((batch) => ({
      key: batch.alias,
      variable: batch.representationsVariableName,
      paths: batch.paths.map(dataPath),
      requires: batch.requires.map(requirement),
      input: rewrites(batch.inputRewrites),
      output: rewrites(batch.outputRewrites),
    })),
  }
}

function rootFetch(node: FetchNode): RootFetch {
  return { kind: 'root', operation: operationOf(node), output: rewrites(node.outputRewrites) }
}

function operationOf(node: FetchNode | BatchFetchNode): PlannedOperation {
  return {
    subgraph: node.serviceName,
    text: node.operation,
    kind: node.operationKind ?? 'query',
    name: node.operationName ?? undefined,
    variables: node.variableUsages ?? [],
  }
}

function dataPath(segments: FlattenNodePathSegment[]): DataPath {
  return segments.flatMap((segment) => {
    if (segment === '@') return []
    return 'Field' in segment ? { key: segment.Field } : { types: segment.TypeCondition }
  })
}

function requirement(selection: RequiresSelection): Requirement {
  if (selection.kind === 'FragmentSpread') {
    throw new UnplannableError(new Error('a representation with a named fragment'))
  }
  if (selection.kind === 'Field') {
    const { name, alias, selections } = selection
    return { key: name, as: alias ?? name, of: selections?.length ? selections.map(requirement) : undefined }
  }
  const { typeCondition: type, skipIf, includeIf, selections } = selection
  const unless = { skipIf: skipIf ?? undefined, includeIf: includeIf ?? undefined }
  return { type, unless, of: selections.map(requirement) }
}

const rewrites = (given: Maybe<FetchRewrite[]>): Rewrite[] => (given ?? []).map(rewrite)

function rewrite(given: FetchRewrite): Rewrite {
  if ('KeyRenamer' in given) {
    return { path: rewritePath(given.KeyRenamer.path), rename: given.KeyRenamer.renameKeyTo }
  }
  const setter = 'ValueSetter' in given ? given.ValueSetter : given
  return { path: rewritePath(setter.path), set: setter.setValueTo }
}

function rewritePath(segments: FetchNodePathSegment[]): DataPath {
  return segments.map((segment) =>
    'Key' in segment ? { key: segment.Key } : { types: segment.TypenameEquals },
  )
}
