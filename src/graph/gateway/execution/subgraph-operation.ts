import { type DocumentNode, type SelectionSetNode, Kind, parse, print, visit } from 'graphql/index.js'
import type { PlannedOperation } from '../plan/nodes.ts'
import type { SubgraphOperation } from '../subgraph.ts'

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const

/** The operation of a fetch: made once for each place in a plan. */
export function subgraphOperation({ text, kind, name }: PlannedOperation): SubgraphOperation {
  const planned = parse(text, { noLocation: true })
  const document = withTypenames(planned)
  return { text: document === planned ? text : print(document), kind, name, document }
}

/**
 * Asks for `__typename` by its own name wherever it is asked for by another: where a client wants `kind: __typename` of an
 * interface, the planner leaves it at that, and then nobody knows what the object is.
 */
function withTypenames(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: (node) =>
      isAliased(node) ? { ...node, selections: [...node.selections, TYPENAME] } : undefined,
  })
}

function isAliased({ selections }: SelectionSetNode): boolean {
  const names = selections.filter((one) => one.kind === Kind.FIELD && one.name.value === '__typename')
  return names.length > 0 && names.every((one) => one.kind === Kind.FIELD && one.alias !== undefined)
}
