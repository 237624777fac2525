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
import { type Tree, isTree } from '../execution/tree.ts'
import { type GuardedField, type GuardedSelections, collectFields } from './collect.ts'
import { type Guards, hold } from './guards.ts'
import { completeLeaf } from './leaf.ts'
import { type Complete, type CompletionRun, NULLED } from './run.ts'

interface AnswerField {
  readonly key: string
  /** One of these has to hold; undefined when it is always there. */
  readonly guards: readonly Guards[] | undefined
  readonly complete: Complete
}

/**
 * Makes functions that turn the data of subgraphs into an answer: the fields of the operation and no others, in its order, of
 * the types that the schema says, with nulls where the specification has them
 * (https://spec.graphql.org/October2021/#sec-Value-Completion). What it knows of an operation, it works out once.
 */
export function createCompleter(schema: GraphQLSchema, fragments: Fragments) {
  return { objectOf }

  /** @param field what it is the value of, for messages */
  function valueOf(type: GraphQLOutputType, nodes: readonly GuardedField[], field: string): Complete {
    if (isNonNullType(type)) {
      const complete = presentOf(type.ofType, nodes, field)
      return (value, run, parent, key) =>
        value === null || value === undefined
          ? run.missing(parent, key, field)
          : complete(value, run, parent, key)
    }
    const complete = presentOf(type, nodes, field)
    return (value, run, parent, key) => {
      if (value === null || value === undefined) return null
      const completed = complete(value, run, parent, key)
      return completed === NULLED ? null : completed
    }
  }

  function presentOf(type: GraphQLOutputType, nodes: readonly GuardedField[], field: string): Complete {
    if (isListType(type)) return listOf(valueOf(type.ofType, nodes, field), field)
    if (isLeafType(type)) return completeLeaf(type, field)
    const selections = selectionsOf(nodes)
    if (isObjectType(type)) return objectOf(type, selections)
    return isAbstractType(type) ? abstractOf(type, selections, field) : (value) => value
  }

  function listOf(complete: Complete, field: string): Complete {
    return (value, run, parent, key) => {
      if (!Array.isArray(value)) return run.fail(key, `The value of ${field} is no list.`)
      const items: unknown[] = []
      run.path.push(key)
      for (let index = 0; index < value.length; index++) {
        const item = complete(value[index], run, parent, index)
        if (item === NULLED) {
          run.path.pop()
          return NULLED
        }
        items.push(item)
      }
      run.path.pop()
      return items
    }
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
    let shared: AnswerField[] | undefined
    return (value, run, parent, key) => {
      if (!isTree(value)) return run.fail(key, `The value of ${field} is no object.`)
      const { __typename: name } = value
      const complete = typeof name === 'string' ? possible.get(name) : undefined
      if (complete) return complete(value, run, parent, key)
      if (name !== undefined && name !== type.name) {
        return run.fail(key, `The value of ${field} is none of its type ${type.name}.`)
      }
      // An interface that a subgraph has as an object (@interfaceObject), and nobody asked what it really is.
      shared ??= fieldsOf(type, selections)
      return completeObject(shared, value, run, key, type.name)
    }
  }

  function fieldsOf(
    type: GraphQLObjectType | GraphQLAbstractType,
    selections: readonly GuardedSelections[],
  ): AnswerField[] {
    const fits = (condition: string) => condition === type.name || isSubType(condition, type)
    return [...collectFields(selections, fragments, fits)].map(([key, nodes]) => {
      const isCertain = nodes.some(({ guards }) => guards.length === 0)
      return {
        key,
        guards: isCertain ? undefined : nodes.map(({ guards }) => guards),
        complete: fieldOf(type, nodes),
      }
    })
  }

  function isSubType(condition: string, type: GraphQLObjectType | GraphQLAbstractType): boolean {
    const wider = schema.getType(condition)
    return (
      isAbstractType(wider) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wider, type)
    )
  }

  function fieldOf(type: GraphQLObjectType | GraphQLAbstractType, nodes: readonly GuardedField[]): Complete {
    const name = nodes[0]?.node.name.value ?? ''
    if (name === '__typename') return isObjectType(type) ? () => type.name : unknownType(type.name)
    // Of the root, and complete: introspection does not come from a subgraph.
    if (name.startsWith('__')) return (value) => value ?? null
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
    return field ? valueOf(field.type, nodes, `${type.name}.${name}`) : () => null
  }
}

function completeObject(
  fields: readonly AnswerField[],
  value: unknown,
  run: CompletionRun,
  key: string | number,
  type: string,
): unknown {
  if (!isTree(value)) return run.fail(key, `The value of a field of type ${type} is no object.`)
  const answer: Tree = {}
  run.path.push(key)
  for (const field of fields) {
    if (field.guards && !field.guards.some((guards) => hold(guards, run.execution.variables))) continue
    const completed = field.complete(value[field.key], run, value, field.key)
    if (completed === NULLED) {
      run.path.pop()
      return NULLED
    }
    answer[field.key] = completed
  }
  run.path.pop()
  return answer
}

function unknownType(type: string): Complete {
  return (_, run, __, key) => run.fail(key, `No subgraph has told which ${type} this is.`)
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
