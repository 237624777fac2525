import { defineGraph } from '../../../src/graph/schema/define-graph.ts'
import { type Product, PRODUCTS, RESEARCH, DEPRECATED, JANE, DIMENSIONS } from './data.ts'

/**
 * The subgraph that an implementation has to serve, types and directives as the suite wants them:
 * https://github.com/apollographql/apollo-federation-subgraph-compatibility/blob/main/SUBGRAPH_GUIDE.md
 */
const typeDefs = `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.3"
      import: [
        "@composeDirective", "@external", "@inaccessible", "@interfaceObject", "@key", "@override", "@provides",
        "@requires", "@shareable", "@tag"
      ]
    )
    @link(url: "https://myspecs.dev/myCustomDirective/v1.0", import: ["@custom"])
    @composeDirective(name: "@custom")

  directive @custom on OBJECT

  extend type Query {
    product(id: ID!): Product
    deprecatedProduct(sku: String!, package: String!): DeprecatedProduct @deprecated(reason: "Use product query instead")
  }

  type Product @custom @key(fields: "id") @key(fields: "sku package") @key(fields: "sku variation { id }") {
    id: ID!
    sku: String
    package: String
    variation: ProductVariation
    dimensions: ProductDimension
    createdBy: User @provides(fields: "totalProductsCreated")
    notes: String @tag(name: "internal")
    research: [ProductResearch!]!
  }

  type ProductVariation { id: ID! }

  type ProductDimension @shareable {
    size: String
    weight: Float
    unit: String @inaccessible
  }

  type ProductResearch @key(fields: "study { caseNumber }") {
    study: CaseStudy!
    outcome: String
  }

  type CaseStudy {
    caseNumber: ID!
    description: String
  }

  type DeprecatedProduct @key(fields: "sku package") {
    sku: String!
    package: String!
    reason: String
    createdBy: User
  }

  extend type User @key(fields: "email") {
    email: ID! @external
    name: String @override(from: "users")
    totalProductsCreated: Int @external
    yearsOfEmployment: Int! @external
    averageProductsCreatedPerYear: Int @requires(fields: "totalProductsCreated yearsOfEmployment")
  }

  type Inventory @interfaceObject @key(fields: "id") {
    id: ID!
    deprecatedProducts: [DeprecatedProduct!]!
  }
`

const isDeprecated = ({ sku, package: name }: { sku?: unknown; package?: unknown }) =>
  sku === DEPRECATED.sku && name === DEPRECATED.package

/** By whichever key the gateway has. */
function productOf({ id, sku, package: name, variation }: ProductReference): Product | undefined {
  return PRODUCTS.find(
    (product) =>
      product.id === id ||
      (product.sku === sku && (product.package === name || product.variation.id === variation?.id)),
  )
}

interface ProductReference {
  readonly id?: unknown
  readonly sku?: unknown
  readonly package?: unknown
  readonly variation?: { readonly id?: unknown }
}

interface ResearchReference {
  readonly study?: { readonly caseNumber?: unknown }
}

interface Requirements {
  readonly totalProductsCreated?: number | null
  readonly yearsOfEmployment: number
}

export const productsGraph = defineGraph({
  typeDefs,
  entities: [
    { type: 'Product', resolveReference: productOf },
    {
      type: 'ProductResearch',
      resolveReference: ({ study }: ResearchReference) =>
        RESEARCH.find((research) => research.study.caseNumber === study?.caseNumber),
    },
    {
      type: 'DeprecatedProduct',
      resolveReference: (reference) => (isDeprecated(reference) ? DEPRECATED : null),
    },
    {
      type: 'User',
      // What @requires names comes with the reference, and counts more than what is known here.
      resolveReference: (reference) => (reference['email'] === JANE.email ? { ...JANE, ...reference } : null),
    },
    { type: 'Inventory', resolveReference: ({ id }) => ({ id }) },
  ],
  resolvers: {
    Query: {
      product: (_: unknown, reference: ProductReference) => productOf(reference),
      deprecatedProduct: (_: unknown, reference: ProductReference) =>
        isDeprecated(reference) ? DEPRECATED : null,
    },
    Product: { dimensions: () => DIMENSIONS, createdBy: () => JANE },
    DeprecatedProduct: { createdBy: () => JANE },
    User: {
      averageProductsCreatedPerYear: ({ totalProductsCreated, yearsOfEmployment }: Requirements) =>
        totalProductsCreated ? Math.round(totalProductsCreated / yearsOfEmployment) : null,
    },
    Inventory: { deprecatedProducts: () => [DEPRECATED] },
  },
})
