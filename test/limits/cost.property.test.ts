import * as fc from 'fast-check'
import {
  type FieldNode,
  type GraphQLNamedType,
  type SelectionNode,
  type SelectionSetNode,
  Kind,
  buildSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  parse,
} from 'graphql/index.js'
import { expect, it } from 'vitest'
import { createCostLimit } from '../../src/graph/limits/cost/cost-limit.ts'
import { type Fragments, fragmentsOf } from '../../src/graph/syntax/fragments.ts'
import { operationIn } from './operations.ts'
import { randomDocument } from './random-document.ts'

const fields = `
  id: ID  one: Thing  node: Node
  list(first: Int = 3, last: Int): [Thing!]!
  page(first: Int = 5, last: Int): ThingConnection
  history: [Thing]`
const schema = buildSchema(`
  type Query { ${fields} }
  interface Node { id: ID  one: Thing }
  type Thing implements Node { ${fields} }
  type Other implements Node { ${fields} }
  type ThingConnection { nodes: [Thing!]!  edges: [ThingEdge] }
  type ThingEdge { node: Thing  list: [Thing] }
`)

const ASSUMED = 10
const variables = { n: 7, yes: true }

/** The same from the top down: every fragment opened, every page handed to its lists. */
function expanded(
  set: SelectionSetNode,
  type: GraphQLNamedType | undefined,
  page: number,
  all: Fragments,
): number {
  let common = 0
  const branches: Record<string, number> = {}
  for (const selection of set.selections) {
    if (isOut(selection)) continue
    if (selection.kind === Kind.FIELD) {
      common += fieldCost(selection, type, page, all)
      continue
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? all.get(selection.name.value) : selection
    const name = fragment?.typeCondition?.name.value
    if (!fragment || name === undefined) throw new Error('every fragment has a type')
    const cost = expanded(fragment.selectionSet, schema.getType(name), page, all)
    if (isInterfaceType(type) && name !== 'Node') branches[name] = (branches[name] ?? 0) + cost
    else common += cost
  }
  return common + Math.max(0, ...Object.values(branches))
}

function fieldCost(
  node: FieldNode,
  type: GraphQLNamedType | undefined,
  page: number,
  all: Fragments,
): number {
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
  if (!field) return 0
  const named = getNamedType(field.type)
  const given = known(field.args.length > 0 ? getArgumentValues(field, node, variables) : {})
  const standard = known(Object.fromEntries(field.args.map(({ name, defaultValue }) => [name, defaultValue])))
  const sizes = Object.values({ ...standard, ...given })
  const size = sizes.length > 0 ? Math.max(...sizes) : ASSUMED
  const base = field.name === 'history' ? 10 : 0
  const isList = isListType(getNullableType(field.type))
  const inner = isList ? ASSUMED : size
  const each =
    (isCompositeType(named) ? 1 : 0) +
    (node.selectionSet ? expanded(node.selectionSet, named, inner, all) : 0)
  const isPaged = ['nodes', 'edges'].includes(field.name)
  return base + (isList ? (isPaged ? page : size) : 1) * each
}

const known = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )

const isOut = ({ directives = [] }: SelectionNode) => directives.some(({ name }) => name.value === 'skip')

it('costs what it would with every fragment opened and every page multiplied', () => {
  fc.assert(
    fc.property(randomDocument, (text) => {
      const document = parse(text)
      const operation = operationIn(document)
      const cost = expanded(operation.selectionSet, schema.getType('Query'), ASSUMED, fragmentsOf(document))
      const atMost = (limit: number) => createCostLimit(limit)(schema, document, operation, variables)
      expect(() => atMost(cost)).not.toThrow()
      if (cost > 0) expect(() => atMost(cost - 1)).toThrow(`The operation costs ${cost};`)
    }),
    { numRuns: 500 },
  )
})
