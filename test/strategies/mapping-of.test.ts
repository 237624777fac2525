import { expect, it } from 'vitest'
import { product } from '../../src/domains/inventory/aggregate.ts'
import { productProjection } from '../../src/domains/inventory/projection.ts'
import { composeSubgraph } from '../../src/graph/compose.ts'
import { defineGraph } from '../../src/graph/schema/define-graph.ts'
import { defineEntity } from '../../src/graph/reads/entity.ts'
import { mappingOf } from '../../src/graph/strategies/mapping-of.ts'

const products = defineEntity({
  type: 'Product',
  key: 'sku',
  aggregate: product,
  projection: productProjection,
  authorize: { needs: ['price'], fields: { price: () => true, currency: () => true } },
})

const graphs = [
  defineGraph({
    typeDefs: `
      extend type Query { product(sku: ID!): Product }
      type Product { sku: ID!  name: String!  price: Float  currency: Currency!  createdAt(zone: String): DateTime  stock: Int }
      enum Currency { EUR USD }
    `,
    resolvers: { Product: { stock: () => 0 } },
    entities: [products],
  }),
]

it('maps the fields that show a column as it is, protected ones too, and the key to its column', () => {
  const { schema } = composeSubgraph(graphs)
  const mapping = mappingOf(products, { schema, graphs, tableSchema: 'shop' })
  expect(mapping).toMatchObject({ type: 'Product', table: 'tb_product_projection', schema: 'shop' })
  expect(mapping.key).toEqual({ sku: 'id' })
  // `createdAt` has an argument, `stock` a resolver.
  expect(mapping.fields).toEqual({
    sku: { column: 'id', kind: 'id', required: true },
    name: { column: 'name', kind: 'text', required: true },
    price: { column: 'price', kind: 'float', required: false },
    currency: { column: 'currency', kind: 'enum', required: true, values: ['EUR', 'USD'] },
  })
})

it('gives hooks the values that the resolvers have, not those of the graph', () => {
  const { schema } = composeSubgraph(graphs)
  const { row } = mappingOf(products, { schema, graphs })
  expect(row).toMatchObject({
    price: { column: 'price', kind: 'decimal' },
    sku: { column: 'id' },
    createdAt: { column: 'created_at', kind: 'datetime' },
  })
})
