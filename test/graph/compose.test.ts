import { printSchema } from 'graphql/index.js'
import { describe, expect, it } from 'vitest'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { composeSchema } from '../../src/graph/compose.ts'
import { defineGraph } from '../../src/index.ts'

const greeting = {
  typeDefs: 'extend type Query { hello: String }',
  resolvers: { Query: { hello: () => 'hi' } },
}

describe('the schema of all contexts', () => {
  it('has the types and fields of each, whichever comes first', () => {
    const schema = composeSchema([orderGraph, customerGraph])
    expect(printSchema(composeSchema([customerGraph, orderGraph])).length).toBe(printSchema(schema).length)
    expect(printSchema(schema)).toContain(
      'order(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): Order',
    )
    expect(printSchema(schema)).toMatch(
      /type Customer \{[^}]*orders\(first: Int = 20, after: String, atLeast: PositionInput\): OrderConnection!/,
    )
  })

  it('needs no commands', () => {
    expect(composeSchema([defineGraph(greeting)]).getMutationType()).toBeUndefined()
  })

  it('is refused when a resolver has no field, two resolve one, or the SDL is not valid', () => {
    const stray = defineGraph({ ...greeting, resolvers: { Query: { helo: () => 'hi' } } })
    expect(() => composeSchema([stray])).toThrow('Query.helo')
    const twice = defineGraph({ typeDefs: [], resolvers: greeting.resolvers })
    expect(() => composeSchema([defineGraph(greeting), twice])).toThrow('Query.hello')
    expect(() =>
      composeSchema([defineGraph({ typeDefs: 'extend type Query { a: Nothing }', resolvers: {} })]),
    ).toThrow('Nothing')
  })
})
