import {
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql/index.js'
import type { Fragments } from '../../syntax/fragments.ts'
import { type GuardedField, type GuardedSelections, collectFields } from './collect.ts'
import {
  type AnswerField,
  completeAbstract,
  completeList,
  completeNonNull,
  completeNullable,
  completeObject,
  completeUnknownType,
} from './complete-value.ts'
import { completeLeaf } from './leaf.ts'
import type { Complete } from './run.ts'

type Composite = GraphQLObjectType | GraphQLAbstractType

/**
 * Makes functions that turn the data of subgraphs into an answer: the fields of the operation and no others, in its order, of
 * the types that the schema says, with nulls where the specification has them
 * (https://spec.graphql.org/October2021/#sec-Value-Completion). What it knows of an operation, it works out once.
 */
export function createCompleter(schema: GraphQLSchema, fragments: Fragments) {
  return { objectOf }

  /** @param field what it is the value of, for messages */
  function valueOf(type: GraphQLOutputType, nodes: readonly GuardedField[], field: string): Complete {
    return isNonNullType(type)
      ? completeNonNull(presentOf(type.ofType, nodes, field), field)
      : completeNullable(presentOf(type, nodes, field))
  }

  function presentOf(type: GraphQLOutputType, nodes: readonly GuardedField[], field: string): Complete {
    if (isListType(type)) return completeList(valueOf(type.ofType, nodes, field), field)
    if (isLeafType(type)) return completeLeaf(type, field)
    const selections = selectionsOf(nodes)
    if (isObjectType(type)) return objectOf(type, selections)
    return isAbstractType(type) ? abstractOf(type, selections, field) : (value) => value
  }

  /** The fields are worked out when an object first comes: of an interface, not every type does. */
  function objectOf(type: GraphQLObjectType, selections: readonly GuardedSelections[]): Complete {
    let fields: AnswerField[] | undefined
    return (value, run, _, key) =>
      completeObject((fields ??= fieldsOf(type, selections)), value, run, key, type.name)
  }

  function abstractOf(
    type: GraphQLAbstractType,
    selections: readonly GuardedSelections[],
    field: string,
  ): Complete {
    const possible = new Map(
      schema.getPossibleTypes(type).map((one) => [one.name, objectOf(one, selections)] as const),
    )
    return completeAbstract(type.name, field, possible, () => fieldsOf(type, selections))
  }

  function fieldsOf(type: Composite, selections: readonly GuardedSelections[]): AnswerField[] {
    const fits = (condition: string) => condition === type.name || isSubType(schema, condition, type)
    return [...collectFields(selections, fragments, fits)].map(([key, nodes]) => {
      const isCertain = nodes.some(({ guards }) => guards.length === 0)
      return {
        key,
        guards: isCertain ? undefined : nodes.map(({ guards }) => guards),
        complete: fieldOf(type, nodes),
      }
    })
  }

  function fieldOf(type: Composite, nodes: readonly GuardedField[]): Complete {
    const name = nodes[0]?.node.name.value ?? ''
    if (name === '__typename') return isObjectType(type) ? () => type.name : completeUnknownType(type.name)
    // Of the root, and complete: introspection does not come from a subgraph.
    if (name.startsWith('__')) return (value) => value ?? null
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
    return field ? valueOf(field.type, nodes, `${type.name}.${name}`) : () => null
  }
}

function isSubType(schema: GraphQLSchema, condition: string, type: Composite): boolean {
  const wider = schema.getType(condition)
  return (
    isAbstractType(wider) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wider, type)
  )
}

function selectionsOf(nodes: readonly GuardedField[]): GuardedSelections[] {
  const [only] = nodes
  // Where there is but one, it has been decided already whether it counts.
  if (only?.node.selectionSet && nodes.length === 1)
    return [{ selections: only.node.selectionSet, guards: [] }]
  return nodes.flatMap(({ node, guards }) =>
    node.selectionSet ? [{ selections: node.selectionSet, guards }] : [],
  )
}
