import {
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  type SelectionNode,
  Kind,
  print,
} from 'graphql/index.js'
import type { SubgraphOperation } from '../gateway/subgraph.ts'
import { type EntityMapping, type JsonShape, neededValues } from './entity-mapping.ts'

/** No response key of a client begins so: what hooks need is asked for beside what is shown, and taken out again. */
const PREFIX = '_hw_'

/** The response key under which a subgraph is asked for a field that hooks need. */
export function hiddenKey(field: string): string {
  return `${PREFIX}${field}`
}

export function isHiddenKey(responseKey: string): boolean {
  return responseKey.startsWith(PREFIX)
}

/** Operations that ask for what the hooks of these types need as well. Made once for each operation. */
export function withNeededFields(mappings: readonly EntityMapping[]) {
  const made = new WeakMap<SubgraphOperation, SubgraphOperation>()
  const fragments = mappings.map(fragmentOf)
  return (operation: SubgraphOperation): SubgraphOperation => {
    const known = made.get(operation)
    if (known) return known
    const document = extended(operation.document, fragments)
    const { kind, name } = operation
    const added = { kind, name, document, text: print(document) }
    made.set(operation, added)
    return added
  }
}

function extended(document: DocumentNode, fragments: readonly InlineFragmentNode[]): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? {
            ...definition,
            selectionSet: {
              ...definition.selectionSet,
              selections: definition.selectionSet.selections.map((root) => withFragments(root, fragments)),
            },
          }
        : definition,
    ),
  }
}

function withFragments(node: SelectionNode, fragments: readonly InlineFragmentNode[]): SelectionNode {
  if (node.kind !== Kind.FIELD || !node.selectionSet) return node
  const { selections } = node.selectionSet
  return { ...node, selectionSet: { ...node.selectionSet, selections: [...selections, ...fragments] } }
}

function fragmentOf(mapping: EntityMapping): InlineFragmentNode {
  const selections = neededValues(mapping).map(([name]) => {
    const field = fieldNode(name, mapping.fields[name]?.shape)
    return { ...field, alias: { kind: Kind.NAME, value: hiddenKey(name) } } as const
  })
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: mapping.type } },
    // A fragment without selections is not valid.
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: selections.length > 0 ? selections : [fieldNode('__typename', undefined)],
    },
  }
}

function fieldNode(name: string, shape: JsonShape | undefined): FieldNode {
  const below = shape && objectOf(shape)
  const field: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } }
  if (!below) return field
  const selections = Object.entries(below).map(([own, of]) => fieldNode(own, of))
  return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections } }
}

function objectOf(shape: JsonShape): Readonly<Record<string, JsonShape>> | undefined {
  if ('list' in shape) return objectOf(shape.list)
  return 'fields' in shape ? shape.fields : undefined
}
