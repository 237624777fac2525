import { printSchema } from 'graphql/index.js'
import { describe, expect, it } from 'vitest'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { orderGraph } from '../../src/domains/orders/graph.ts'
import { composeSchema, composeSubgraph } from '../../src/graph/compose.ts'
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

  const alerts = 'type Alert { id: ID! level: Level } enum Level { LOW } input AlertFilter { id: ID }'
  it.each([
    ['an input', 'input AlertFilter { level: Level }', 'The type "AlertFilter" is defined twice'],
    ['a type', 'type Alert { name: String }', 'The type "Alert" is defined twice'],
    ['a type of another kind', 'scalar Alert', 'The type "Alert" is defined twice'],
    ['a field', 'extend type Alert { level: Int }', '"Alert.level" is defined twice'],
    ['a field of an input', 'extend input AlertFilter { id: Int }', '"AlertFilter.id" is defined twice'],
    ['a root field', 'extend type Query { alerts: Int }', '"Query.alerts" is defined twice'],
    ['a value', 'extend enum Level { LOW }', '"Level.LOW" is defined twice'],
    ['a directive', 'directive @loud on OBJECT', 'The directive "@loud" is defined twice'],
  ])(
    'is refused when two domains define %s by the same name, for clients and gateways alike',
    (_, sdl, told) => {
      const one = defineGraph({
        typeDefs: ['extend type Query { alerts: [Alert!] }', 'directive @loud on OBJECT', alerts],
        resolvers: {},
      })
      const other = defineGraph({ typeDefs: sdl, resolvers: {} })
      for (const compose of [composeSchema, composeSubgraph]) {
        expect(() => compose([one])).not.toThrow()
        expect(() => compose([one, other])).toThrow(told)
        expect(() => compose([one, other])).toThrow(/Name one of them differently/)
      }
    },
  )
})
