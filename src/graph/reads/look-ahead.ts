import { type FieldNode, type GraphQLResolveInfo, type SelectionNode, Kind } from 'graphql/index.js'
import { isIncluded } from '../syntax/inclusion.ts'

/**
 * The fields that the client selects below the one that is being resolved, fragments opened, `@skip` and `@include` heeded:
 * what they need can be fetched while the object itself still is.
 *
 * @param path the fields to go down first: `['nodes']` for what is selected of a connection's nodes
 */
export function selectedFields(info: GraphQLResolveInfo, path: string[] = []): FieldNode[] {
  return path.reduce(
    (nodes, step) =>
      below(
        nodes.filter(({ name }) => name.value === step),
        info,
      ),
    below(info.fieldNodes, info),
  )
}

/** True when one of these fields is selected. */
export function selects(info: GraphQLResolveInfo, ...names: string[]): boolean {
  return selectedFields(info).some(({ name }) => names.includes(name.value))
}

function below(nodes: readonly FieldNode[], info: GraphQLResolveInfo): FieldNode[] {
  const opened = new Set<string>()
  return nodes.flatMap(({ selectionSet }) => open(selectionSet?.selections ?? [], info, opened))
}

/** Opens each named fragment once: used twice at every level, fragments in fragments would have no end of fields. */
function open(
  selections: readonly SelectionNode[],
  info: GraphQLResolveInfo,
  opened: Set<string>,
): FieldNode[] {
  return selections.flatMap((selection) => {
    if (!isIncluded(selection, (name) => info.variableValues[name])) return []
    if (selection.kind === Kind.FIELD) return [selection]
    if (selection.kind === Kind.INLINE_FRAGMENT) return open(selection.selectionSet.selections, info, opened)
    const name = selection.name.value
    if (opened.has(name)) return []
    opened.add(name)
    return open(info.fragments[name]?.selectionSet.selections ?? [], info, opened)
  })
}
