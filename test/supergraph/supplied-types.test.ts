import { expect, it } from 'vitest'
import { composeSupergraph } from '../../src/graph/supergraph/compose-supergraph.ts'
import { suppliedTypes } from '../../src/graph/supergraph/supplied-types.ts'

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires", "@override", "@interfaceObject"])'

const supplied = () =>
  suppliedTypes(
    composeSupergraph([
      {
        name: 'the-shop',
        url: '',
        sdl: `${LINK} type Query { gem: Gem }
          type Gem @key(fields: "id") @key(fields: "cut colour") { id: ID! cut: String! colour: String! weight: Int price: Int }
          interface Media @key(fields: "id") { id: ID! } type Film implements Media @key(fields: "id") { id: ID! }
          type Note { text: String }`,
      },
      {
        name: 'prices',
        url: '',
        sdl: `${LINK} type Mutation { refund: Note2 } type Note2 { gem: Ref ring: Gem }
          type Gem @key(fields: "id") { id: ID! weight: Int @external postage: Int @requires(fields: "weight") price: Int @override(from: "the-shop") }
          type Ref @key(fields: "id", resolvable: false) { id: ID! }
          type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`,
      },
      { name: 'refs', url: '', sdl: `${LINK} type Ref @key(fields: "id") { id: ID! code: String }` },
    ]),
  )

it('says which fields of entities and root types each subgraph resolves', () => {
  const rows = supplied().map(
    ({ subgraph, type, fields }) => `${subgraph} ${type}: ${fields.toSorted().join(' ')}`,
  )
  expect(rows.toSorted()).toEqual([
    'prices Gem: id postage price',
    'prices Media: id stars',
    'prices Mutation: refund',
    'refs Ref: code id',
    'the-shop Film: id',
    'the-shop Gem: colour cut id weight',
    'the-shop Media: id',
    'the-shop Query: gem',
  ])
})

it('has the keys of entities, and what a root type is for', () => {
  const all = supplied()
  const gem = all.find(({ subgraph, type }) => subgraph === 'the-shop' && type === 'Gem')
  expect(gem).toMatchObject({ keys: ['id', 'cut colour'], root: undefined })
  expect(all.find(({ type }) => type === 'Mutation')).toMatchObject({ keys: [], root: 'mutation' })
})
