import { defineGraph } from '../../../src/graph/schema/define-graph.ts'

/** The two subgraphs that the suite composes the products with: users own what is external there. */
export const usersGraph = defineGraph({
  typeDefs: `
    type User @key(fields: "email") {
      email: ID!
      name: String
      totalProductsCreated: Int @shareable
      yearsOfEmployment: Int!
    }
  `,
  entities: [
    {
      type: 'User',
      resolveReference: ({ email }) =>
        email === 'support@apollographql.com'
          ? { email, name: 'not the name that counts', totalProductsCreated: 10, yearsOfEmployment: 10 }
          : null,
    },
  ],
  resolvers: {},
})

const openSource = {
  __typename: 'OpenSourceInventory',
  id: 'apollo-oss',
  products: [{ id: 'apollo-federation' }],
}

/** An interface that is an entity, to which the products add a field, and a field that requires one of theirs. */
export const inventoryGraph = defineGraph({
  typeDefs: `
    extend type Query { inventory(id: ID!): Inventory }

    interface Inventory @key(fields: "id") {
      id: ID!
      products: [Product!]!
    }

    type OpenSourceInventory implements Inventory @key(fields: "id") {
      id: ID!
      products: [Product!]!
    }

    extend type Product @key(fields: "id") {
      id: ID! @external
      dimensions: ProductDimension @external
      delivery(zip: String): DeliveryEstimates @requires(fields: "dimensions { size weight }")
    }

    type ProductDimension @shareable { size: String  weight: Float }
    type DeliveryEstimates { estimatedDelivery: String  fastestDelivery: String }
  `,
  entities: [
    { type: 'Inventory', resolveReference: ({ id }) => (id === openSource.id ? openSource : null) },
    { type: 'OpenSourceInventory', resolveReference: ({ id }) => (id === openSource.id ? openSource : null) },
    { type: 'Product', resolveReference: (reference) => reference },
  ],
  resolvers: {
    Query: { inventory: (_: unknown, { id }: { id: string }) => (id === openSource.id ? openSource : null) },
    Product: {
      delivery: ({ dimensions }: { dimensions: { size: string; weight: number } }) => ({
        estimatedDelivery: `${dimensions.size}, ${dimensions.weight}`,
        fastestDelivery: null,
      }),
    },
  },
})
