import { describe, expect, it } from 'vitest'
import { EngineUnsuitedError } from '../../src/graph/mercurius-gateway/errors.ts'
import { toFederation1 } from '../../src/graph/mercurius-gateway/federation1/to-federation1.ts'

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@inaccessible", "@override"])'

/** The SDL of each, without line breaks and doubled spaces. */
function turned(sdls: Record<string, string>) {
  const given = Object.entries(sdls).map(([name, sdl]) => ({ name, sdl: `${LINK} ${sdl}` }))
  const { subgraphs, ownAnswers } = toFederation1(given)
  return {
    ownAnswers: [...ownAnswers],
    ...Object.fromEntries(subgraphs.map(({ name, sdl }) => [name, sdl.replaceAll(/\s+/g, ' ')])),
  }
}

describe('Federation 2 in the words of Federation 1', () => {
  it('has an entity owned by who knows most of it, and extended by the others', () => {
    expect(
      turned({
        a: 'type Query { o: O } type O { id: ID! c: C } type C @key(fields: "id") { id: ID! orders: Int }',
        b: 'type C @key(fields: "id") { id: ID! name: String! city: String! }',
      }),
    ).toEqual({
      a: 'extend type Query { o: O } type O { id: ID! c: C } extend type C @key(fields: "id") { id: ID! @external orders: Int }',
      b: 'type C @key(fields: "id") { id: ID! name: String! city: String! }',
      ownAnswers: [],
    })
  })

  it('has a reference as an extension', () => {
    const said = turned({
      a: 'type Query { c: C } type C @key(fields: "id", resolvable: false) { id: ID! }',
      b: 'type C @key(fields: "id") { id: ID! name: String! }',
    })
    expect(said).toMatchObject({
      a: 'extend type Query { c: C } extend type C @key(fields: "id") { id: ID! @external }',
    })
  })

  it('asks the first for a root field that several have, and leaves subscriptions out', () => {
    expect(
      turned({
        a: 'type Query { now: Int @shareable a: Int } type Subscription { tick: Int }',
        b: 'type Query { now: Int @shareable b: Int }',
      }),
    ).toEqual({
      a: 'extend type Query { now: Int a: Int }',
      b: 'extend type Query { b: Int }',
      ownAnswers: [],
    })
  })

  it('lets each answer for a type whose fields they share', () => {
    const shared =
      'type R @key(fields: "type id") { type: ID! @shareable id: ID! @shareable n: Int! @shareable'
    expect(
      turned({
        a: `type Query { a: R } ${shared} order: Order } type Order { id: ID! }`,
        b: `type Query { b: R } ${shared} }`,
      }),
    ).toEqual({
      a: 'extend type Query { a: R } type R { type: ID! id: ID! n: Int! } extend type R { order: Order } type Order { id: ID! }',
      b: 'extend type Query { b: R } type R { type: ID! id: ID! n: Int! }',
      ownAnswers: ['R.order'],
    })
  })

  it('leaves out what clients must not see, and what another has taken over', () => {
    expect(
      turned({
        a: 'type Query { x: X s(t: String, u: Int @inaccessible): Secret } type X @key(fields: "id") { id: ID! old: Int kept: Int hidden: Int @inaccessible } type Secret @inaccessible { a: Int }',
        b: 'type X @key(fields: "id") { id: ID! old: Int @override(from: "a") }',
      }),
    ).toMatchObject({
      a: 'extend type Query { x: X } type X @key(fields: "id") { id: ID! kept: Int }',
      b: 'extend type X @key(fields: "id") { id: ID! @external old: Int }',
    })
  })

  it('takes Federation 1 and prefixed directives as well', () => {
    const { subgraphs } = toFederation1([
      {
        name: 'a',
        sdl: 'extend type Query { c: C } extend type C @key(fields: "id") { id: ID! @external x: Int }',
      },
      {
        name: 'b',
        sdl: 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3") type C @federation__key(fields: "id") { id: ID! y: Int z: Int }',
      },
    ])
    expect(subgraphs.map(({ sdl }) => sdl.replaceAll(/\s+/g, ' '))).toEqual([
      'extend type Query { c: C } extend type C @key(fields: "id") { id: ID! @external x: Int }',
      'type C @key(fields: "id") { id: ID! y: Int z: Int }',
    ])
  })

  it.each([
    [
      'different keys',
      'type C @key(fields: "id") { id: ID! }',
      'type C @key(fields: "no") { no: ID! b: Int }',
    ],
    ['a nested key', 'type C @key(fields: "o { id }") { o: O } type O { id: ID! }', ''],
    ['an interface object', 'type C @key(fields: "id") @interfaceObject { id: ID! }', ''],
    [
      'an enum that is added',
      'type C @key(fields: "id") { id: ID! e: E } enum E { A }',
      'type C @key(fields: "id") { id: ID! a: Int b: Int }',
    ],
    [
      'an added field of a shared type',
      'type C @key(fields: "id") { id: ID! v: V } type V @shareable { a: Int }',
      'type C @key(fields: "id") { id: ID! a: Int b: Int } type V @shareable { a: Int }',
    ],
    ['a root field that is an enum', 'type Query { e: E } enum E { A }', ''],
    ['different enums', 'enum E { A }', 'enum E { A B }'],
    ['different inputs', 'input I { a: Int }', 'input I { a: Int b: Int }'],
    ['another root type', 'schema { query: Root } type Root { a: Int }', ''],
    [
      'a renamed directive',
      'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [{ name: "@key", as: "@k" }])',
      '',
    ],
    [
      'a shared type that only one has all of',
      'type V @shareable { a: Int }',
      'type V @shareable { a: Int b: Int! }',
    ],
  ])('refuses %s, which would be null in silence', (_, a, b) => {
    expect(() => turned({ a, b })).toThrow(EngineUnsuitedError)
  })
})
