import {
  type ASTNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  GraphQLError,
  Kind,
} from 'graphql/index.js'

/**
 * A validation rule: an operation of more levels than `limit` is refused. Fragments count where they are used.
 * Introspection does not count (graphql-js bounds it by a rule of its own): the query that GraphiQL sends has 15 levels,
 * which is why Mercurius' own limit does not serve.
 */
export function depthRule(limit: number) {
  return (context: ValidationContext) => ({
    OperationDefinition(node: { selectionSet: SelectionSetNode }) {
      const depth = createDepth((name) => context.getFragment(name))(node.selectionSet)
      if (depth > limit) context.reportError(tooDeep(depth, limit, node))
    },
  })
}

function tooDeep(depth: number, limit: number, node: object): GraphQLError {
  const levels = Number.isFinite(depth) ? `${depth} levels` : 'no end of levels'
  return new GraphQLError(`The operation has ${levels}; at most ${limit} are run`, {
    ...(isNode(node) && { nodes: node }),
    extensions: { code: 'QUERY_TOO_DEEP', status: 400 },
  })
}

const isNode = (node: object): node is ASTNode => 'kind' in node

/** Each fragment is measured once, however often it is used; one that leads back to itself has no end. */
function createDepth(fragment: (name: string) => FragmentDefinitionNode | null | undefined) {
  const known = new Map<string, number>()

  function depthOf({ selections }: SelectionSetNode): number {
    return selections.reduce((deepest, selection) => Math.max(deepest, depthOfSelection(selection)), 0)
  }

  function depthOfSelection(selection: SelectionSetNode['selections'][number]): number {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return depthOfFragment(selection.name.value)
    if (selection.kind === Kind.INLINE_FRAGMENT) return depthOf(selection.selectionSet)
    if (selection.name.value.startsWith('__')) return 0
    return 1 + (selection.selectionSet ? depthOf(selection.selectionSet) : 0)
  }

  function depthOfFragment(name: string): number {
    const measured = known.get(name)
    if (measured !== undefined) return measured
    known.set(name, Number.POSITIVE_INFINITY)
    const found = fragment(name)
    const depth = found ? depthOf(found.selectionSet) : 0
    known.set(name, depth)
    return depth
  }

  return depthOf
}
