import { sql } from 'kysely'
import { z } from 'zod'
import { order } from '../../src/domains/orders/aggregate.ts'
import { defineGraph } from '../../src/graph/schema/define-graph.ts'
import type { EntityMapping } from '../../src/graph/strategies/entity-mapping.ts'
import { column, defineEntity, defineProjection } from '../../src/index.ts'

/** A type with a field of every kind, and rows with the values that drivers disagree about. */
const gemTypeDefs = `
  extend type Query { gems: Int }
  type Gem @key(fields: "id") {
    id: ID!
    name: String
    status: GemStatus
    count: Int
    big: Long
    price: Decimal
    huge: Decimal
    exact: Decimal
    ratio: Float
    active: Boolean
    made: DateTime
    day: Date
    data: JSON
    parts: [Part!]
    described(style: String): String
  }
  type Part { sku: ID!  quantity: Int  price: Decimal  tags: [String]  inner: Part }
  enum GemStatus { ROUGH CUT }
`

/** What the tests ask for of it: everything, some of it twice. */
export const gemSelection = `
  __typename
  ... on Gem {
    id name status count big price huge exact ratio active made day data
    called: name
    kind: __typename
    parts { sku quantity price tags inner { __typename sku } }
    again: parts { of: sku }
  }
`

export interface Gem {
  id: string
  name: string | null
  status: string | null
  count: number | null
  big: string | null
  price: string | null
  huge: string | null
  exact: string | null
  ratio: number | null
  active: boolean | null
  made: string | null
  day: string | null
  data: unknown
  parts: unknown
}

const nothing: Gem = {
  id: 'nothing',
  name: null,
  status: null,
  count: null,
  big: null,
  price: null,
  huge: null,
  exact: null,
  ratio: null,
  active: null,
  made: null,
  day: null,
  data: null,
  parts: null,
}

export const gems: Gem[] = [
  nothing,
  {
    id: 'zero',
    name: '',
    status: 'ROUGH',
    count: 0,
    big: '0',
    price: '-0.00',
    huge: '0.00000000000000000000',
    exact: '0',
    ratio: 0,
    active: false,
    made: '1970-01-01T00:00:00.000000Z',
    day: '1970-01-01',
    data: 0,
    parts: [],
  },
  {
    id: 'least',
    name: `O'Reilly \\ " ; -- \` \n\t %_ \\' trailing  `,
    status: 'CUT',
    count: -2_147_483_648,
    big: '-9007199254740991',
    price: '-0.01',
    huge: '-123456789012345678901234567890.12345678901234567890',
    exact: '-12.5000',
    ratio: -1.7976931348623157e308,
    active: true,
    made: '1066-10-14T09:00:00.000001Z',
    day: '1000-01-01',
    data: {
      a: [1, 'two', { b: null, ü: '🜁', 'q"': "'" }],
      float: 0.1,
      big: 9_007_199_254_740_991,
      no: false,
    },
    parts: [{ sku: "s'1", quantity: 1, price: '2.50', tags: ['a', null, ''], inner: { sku: 'deep' } }],
  },
  {
    id: 'most',
    name: 'Zoë 🜁 العربية e\u0301 \u2028',
    status: 'CUT',
    count: 2_147_483_647,
    big: '9007199254740991',
    price: '100000000000000000.99',
    huge: '100000000000000000000.00000000000000000001',
    exact: '100000000000000000000',
    ratio: 1e21,
    active: true,
    made: '9999-12-31T23:59:59.999999Z',
    day: '9999-12-31',
    data: [],
    parts: [{ sku: '1' }, { sku: '2', quantity: null, price: '0', tags: null, inner: null }],
  },
  {
    id: 'past',
    name: 'null',
    status: null,
    count: -1,
    big: '4294967296',
    price: '12.50',
    huge: '0.10000000000000000000',
    exact: '0.1',
    ratio: 0.30000000000000004,
    active: null,
    made: '1969-12-31T23:59:59.999999Z',
    day: '1969-12-31',
    data: 'a "string"',
    parts: null,
  },
  { ...nothing, id: '🜁 É', ratio: 2.2250738585072014e-308, data: null, made: '2000-02-29T12:00:00.123456Z' },
]

export const gemColumns = [
  'id',
  'name',
  'status',
  'count',
  'big',
  'price',
  'huge',
  'exact',
  'ratio',
  'active',
  'made',
  'day',
  'data',
  'parts',
] as const

/** The values of a row in the order of `gemColumns`, JSON as text; null stays null. */
export function gemValues(gem: Gem): (string | number | boolean | null)[] {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value))
  return gemColumns.map((column) => {
    if (column === 'data' || column === 'parts') return json(gem[column])
    return gem[column]
  })
}

export const gemMapping: EntityMapping = {
  type: 'Gem',
  table: 'tb_gem',
  key: { id: 'id' },
  fields: {
    id: { column: 'id', kind: 'id', required: true },
    name: { column: 'name', kind: 'text' },
    status: { column: 'status', kind: 'enum', values: ['ROUGH', 'CUT'] },
    count: { column: 'count', kind: 'int' },
    big: { column: 'big', kind: 'long' },
    price: { column: 'price', kind: 'decimal' },
    huge: { column: 'huge', kind: 'decimal' },
    exact: { column: 'exact', kind: 'decimal' },
    ratio: { column: 'ratio', kind: 'float' },
    active: { column: 'active', kind: 'boolean' },
    made: { column: 'made', kind: 'datetime' },
    day: { column: 'day', kind: 'date' },
    data: { column: 'data', kind: 'json' },
    parts: {
      column: 'parts',
      kind: 'json',
      shape: { required: false, list: { required: true, type: 'Part', fields: partFields(1) } },
    },
  },
}

function partFields(depth: number): Record<string, Part> {
  return {
    sku: { required: true, kind: 'id' },
    quantity: { required: false, kind: 'int' },
    price: { required: false, kind: 'decimal' },
    tags: { required: false, list: { required: false, kind: 'text' } },
    ...(depth > 0 && { inner: { required: false, type: 'Part', fields: partFields(depth - 1) } }),
  }
}
type Part = NonNullable<EntityMapping['fields'][string]['shape']>

interface GemRow extends Record<string, unknown> {
  id: string
}

/** The subgraph's own way to its rows; what everything else is compared with. */
export function gemGraph(schema: string) {
  return defineGraph({
    typeDefs: gemTypeDefs,
    resolvers: { Gem: { described: ({ name }: { name: string }) => `a gem called ${name}` } },
    entities: [
      {
        type: 'Gem',
        async resolveReference({ id }, { db }) {
          const { rows } = await sql<GemRow>`
            select *, day::text as day from ${sql.id(schema, 'tb_gem')} where id = ${id}`.execute(db)
          return rows[0] ?? null
        },
      },
    ],
  })
}

/** The same rows as those of a projection; it has no floating-point numbers and no days. */
const gemProjection = defineProjection({
  name: 'gem',
  version: 1,
  from: [order],
  columns: {
    id: column.text().key(),
    version: column.bigint(),
    name: column.text().nullable(),
    status: column.text().nullable(),
    count: column.integer().nullable(),
    big: column.bigint().nullable(),
    price: column.numeric().nullable(),
    huge: column.numeric().nullable(),
    exact: column.numeric().nullable(),
    ratio: column.numeric().nullable(),
    active: column.boolean().nullable(),
    made: column.timestamp().nullable(),
    data: column.json(z.json()).nullable(),
    parts: column.json(z.json()).nullable(),
  },
  evolve: {},
})

/** Where the projection's rows are. */
export const gemView = (schema: string) =>
  `create view ${schema}.tb_gem_projection as select 1::bigint as version, * from ${schema}.tb_gem`

/** The gems by an entity of Headwater's own, for any id. */
export const gemEntityGraph = defineGraph({
  typeDefs: gemTypeDefs,
  resolvers: { Gem: { described: ({ row }: { row: { name: string } }) => `a gem called ${row.name}` } },
  entities: [
    defineEntity({
      type: 'Gem',
      aggregate: { members: [order], locate: (id) => ({ aggregate: 'order', id }) },
      projection: gemProjection,
    }),
  ],
})

export const postgresTable = (schema: string) => `
  create schema if not exists ${schema};
  create table ${schema}.tb_gem (
    id text primary key, name text, status text, count integer, big bigint, price numeric(20, 2),
    huge numeric(65, 20), exact numeric, ratio double precision, active boolean, made timestamptz,
    day date, data jsonb, parts jsonb
  )`

export const mariadbTable = `
  create table tb_gem (
    id varchar(128) character set utf8mb4 collate utf8mb4_bin primary key, name text character set utf8mb4,
    status enum('ROUGH', 'CUT'), count int, big bigint, price decimal(20, 2), huge decimal(65, 20),
    exact varchar(200), ratio double, active boolean, made datetime(6), day date, data json, parts json
  )`

export const sqliteTable = (key: string) => `
  create table tb_gem (
    id ${key}, name text, status text, count integer, big integer, price text,
    huge text, exact text, ratio real, active integer, made text, day text, data text, parts text
  )`
