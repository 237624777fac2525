import { buildASTSchema, getVariableValues, parse } from 'graphql/index.js'
import { expect, it } from 'vitest'
import { composeSchema, composeSubgraph } from '../../src/graph/compose.ts'
import { createCostLimit } from '../../src/graph/limits/cost/cost-limit.ts'
import { withCostDirectives } from '../../src/graph/limits/cost/definitions.ts'
import { LimitError } from '../../src/graph/limits/limit-error.ts'
import { defineGraph } from '../../src/index.ts'
import { operationIn } from './operations.ts'

const typeDefs = parse(`
  directive @federation__cost(weight: Int!) on FIELD_DEFINITION
  scalar _Any
  scalar Picture @cost(weight: 3)
  union _Entity = Order | Customer
  type Query {
    order(id: ID!, asOf: String): Order
    orders(first: Int = 20, last: Int): OrderConnection!
    all: [Order!]!
    top(limit: Int!): [Order!]!
    search(text: String @cost(weight: 7)): Order
    dear: Order @cost(weight: 50)
    imported: Order @federation__cost(weight: 40)
    report: Report
    few: [Order] @listSize(assumedSize: 2)
    exact(from: Int, to: Int): [Order] @listSize(slicingArguments: ["from", "to"])
    loose(from: Int, to: Int): [Order] @listSize(assumedSize: 4, slicingArguments: ["from", "to"], requireOneSlicingArgument: false)
    bunch(size: Int): Bunch @listSize(slicingArguments: ["size"], sizedFields: ["parts"])
    _entities(representations: [_Any!]!): [_Entity]!
  }
  type Mutation { ship(id: ID!): Order  free: Order @cost(weight: 0) }
  type Report @cost(weight: 20) { id: ID }
  type Bunch { parts: [Order]  others: [Order] }
  type OrderConnection { edges: [OrderEdge!]!  nodes: [Order!]!  totalCount: Int!  tags: [Tag] }
  type OrderEdge { node: Order  cursor: String }
  type Tag { name: String }
  type Order { id: ID  customer: Customer  tags: [String!]  picture: Picture  statusHistory: [Tag]  allEvents(first: Int = 100): EventConnection! }
  type Customer { id: ID  orders(first: Int = 20): OrderConnection! }
  type EventConnection { nodes: [EventNode!]! }
  type EventNode { id: ID }
`)
const schema = buildASTSchema(withCostDirectives(typeDefs))

function cost(text: string, given: Record<string, unknown> = {}): unknown {
  const document = parse(text)
  const operation = operationIn(document)
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given)
  if (errors) throw new Error(errors[0]?.message)
  try {
    createCostLimit(-1)(schema, document, operation, coerced)
  } catch (error) {
    if (error instanceof LimitError) return error.extensions['measured']
    throw error
  }
  return undefined
}

it.each<[string, number]>([
  ['{ __typename }', 0],
  ['{ __schema { types { fields { name } } } }', 0],
  ['{ order(id: 1) { id tags } }', 1],
  ['{ order(id: 1) { id customer { id } } }', 2],
  ['{ all { customer { id } } }', 10 * 2],
  ['{ top(limit: 7) { id } }', 7],
  ['{ order(id: 1) { picture } }', 1 + 3],
  ['{ order(id: 1) { statusHistory { name } } }', 1 + 10 + 10],
  ['{ order(id: 1) { allEvents { nodes { id } } } }', 1 + 10 + 1 + 100],
  ['{ order(id: 1, asOf: "2026") { id } }', 1 + 10],
  ['{ order(id: 1, asOf: null) { id } }', 1],
  ['mutation { ship(id: 1) { id } }', 10 + 1],
  ['mutation { a: ship(id: 1) { id } b: ship(id: 2) { id } free { id } }', 2 * 11],
])('%s costs %i', (text, expected) => expect(cost(text)).toBe(expected))

it.each<[string, number]>([
  ['{ orders { totalCount } }', 1],
  ['{ orders { nodes { id } } }', 1 + 20],
  ['{ orders(first: 5) { edges { node { id } } } }', 1 + 5 * 2],
  ['{ orders(first: 5, last: 8) { nodes { id } } }', 1 + 8],
  ['{ orders(first: 5, last: 30) { ...page } } fragment page on OrderConnection { nodes { id } }', 1 + 30],
  ['{ orders(first: 5) { tags { name } } }', 1 + 10],
  [
    '{ orders(first: 3) { nodes { customer { orders(first: 4) { nodes { id } } } } } }',
    1 + 3 * (1 + 1 + 1 + 4),
  ],
  ['{ orders(first: 0) { nodes { customer { id } } } }', 1],
  ['{ orders(first: -5) { nodes { id } } }', 1],
])('a connection hands its page on to its lists: %s costs %i', (text, expected) => {
  expect(cost(text)).toBe(expected)
})

it.each<[string, number]>([
  ['{ dear { id } }', 50],
  ['{ imported { id } }', 40],
  ['{ report { id } }', 20],
  ['{ search(text: "x") { id } }', 1 + 7],
  ['{ search { id } }', 1],
  ['{ few { id } }', 2],
  ['{ exact(to: 6) { id } }', 6],
  ['{ loose(from: 3, to: 6) { id } }', 6],
  ['{ loose { id } }', 4],
  ['{ bunch(size: 9) { parts { id } others { id } } }', 1 + 9 + 10],
])('an author says otherwise with @cost and @listSize: %s costs %i', (text, expected) => {
  expect(cost(text)).toBe(expected)
})

it('exactly one slicing argument is given where the author asks for it', () => {
  const run = (text: string) => () => createCostLimit(100)(schema, parse(text), operationIn(parse(text)), {})
  expect(run('{ exact(from: 1, to: 2) { id } }')).toThrow(
    'exact needs exactly one of the arguments from, to; 2 are given',
  )
  expect(run('{ exact { id } }')).toThrow(LimitError)
})

it('variables count as what they hold, their defaults and the schema’s', () => {
  const text = 'query ($n: Int = 4) { orders(first: $n) { nodes { id } } }'
  expect(cost(text)).toBe(1 + 4)
  expect(cost(text, { n: 9 })).toBe(1 + 9)
  expect(cost(text, { n: null })).toBe(1 + 20)
  expect(cost(text, { n: -3 })).toBe(1)
  expect(cost('query ($n: Int) { orders(first: $n) { nodes { id } } }')).toBe(1 + 20)
  expect(cost(text, { n: 2 ** 31 - 1 })).toBe(2 ** 31)
  const nested = `query ($n: Int) { ${'all { customer { orders(first: $n) { nodes { '.repeat(1)} ${'customer { orders(first: $n) { nodes { '.repeat(6)} id ${'} '.repeat(22)} }`
  expect(cost(nested, { n: 2 ** 31 - 1 })).toBe(Number.MAX_SAFE_INTEGER)
})

it('the cost of one document is not that of other variables', () => {
  const document = parse('query ($n: Int) { orders(first: $n) { nodes { id } } }')
  const check = createCostLimit(10)
  const run = (n: number) => () => check(schema, document, operationIn(document), { n })
  expect(run(5)).not.toThrow()
  expect(run(10)).toThrow('The operation costs 11; at most 10 is run')
  expect(run(9)).not.toThrow()
})

it('what is skipped costs nothing', () => {
  const text = 'query ($yes: Boolean!) { all @include(if: $yes) { id } dear @skip(if: $yes) { id } }'
  expect(cost(text, { yes: true })).toBe(10)
  expect(cost(text, { yes: false })).toBe(50)
})

it('entities cost as many as are asked for, each as its dearest type', () => {
  const text = `query ($all: [_Any!]!) { _entities(representations: $all) { __typename ... on Order { customer { id } } ... on Customer { id orders(first: 2) { nodes { id } } } ... on Order { id } } }`
  expect(cost(text, { all: [] })).toBe(0)
  expect(cost(text, { all: [{}, {}, {}] })).toBe(3 * (1 + Math.max(1, 3)))
})

it('an author writes @cost and @listSize in SDL, for a schema of its own and for a subgraph', () => {
  const graph = defineGraph({
    typeDefs: `
      extend type Query {
        dear: PageInfo @cost(weight: 30)
        few(size: Int): [PageInfo] @listSize(slicingArguments: ["size"])
      }`,
    resolvers: { Query: { dear: () => null, few: () => [] } },
  })
  const document = parse('{ dear { startCursor } few(size: 3) { startCursor } }')
  for (const schema of [composeSchema([graph]), composeSubgraph([graph]).schema]) {
    const check = () => createCostLimit(0)(schema, document, operationIn(document), {})
    expect(check).toThrow('The operation costs 33;')
  }
})
