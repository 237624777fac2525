import { allEvents, command, connection, defineEntity, defineGraph, defineLive } from '../../index.ts'
import type { Condition, EntityOf, ProjectionRow } from '../../index.ts'
import { product } from './aggregate.ts'
import { productProjection } from './projection.ts'

const products = defineEntity({
  type: 'Product',
  key: 'sku',
  aggregate: product,
  projection: productProjection,
})
type Product = EntityOf<typeof products>

type TextFilter = 'currency' | 'priceMin' | 'priceMax' | 'createdFrom' | 'createdTo'
type NumberFilter = 'availableMin' | 'availableMax'
type ProductFilter = { [Name in TextFilter]?: string | null } & { [Name in NumberFilter]?: number | null } & {
  skuIn?: string[] | null
}

const where = (filter: ProductFilter): Condition<ProjectionRow<typeof productProjection>>[] => [
  ['id', 'in', filter.skuIn],
  ['currency', '=', filter.currency],
  ['price', '>=', filter.priceMin],
  ['price', '<=', filter.priceMax],
  ['available', '>=', filter.availableMin],
  ['available', '<=', filter.availableMax],
  ['created_at', '>=', filter.createdFrom],
  ['created_at', '<=', filter.createdTo],
]

const lists = connection(products, {
  orderBy: {
    CREATED_AT: 'created_at',
    UPDATED_AT: 'updated_at',
    NAME: 'name',
    PRICE: 'price',
    STOCK: 'stock',
    AVAILABLE: 'available',
  },
  where,
})
const live = defineLive(products, { filter: 'ProductFilter', where })

const bySku = { key: 'sku' }

const typeDefs = `
  extend type Query {
    "The product as it is, or as it was: at a moment of the business, or at a version. Null when there is none, or was none yet."
    product(sku: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): Product
    "At most 100 a page; newest first unless ordered otherwise"
    products(filter: ProductFilter, orderBy: ProductOrder, first: Int = 20, after: String, atLeast: PositionInput): ProductConnection!
  }

  extend type CommandResult {
    "The product after the command; null when the command was for something else"
    product: Product
  }

  type Product {
    sku: ID!
    name: String!
    price: Decimal!
    currency: String!
    "Pieces on hand: those that are available and those that are reserved"
    stock: Int!
    available: Int!
    reserved: Int!
    "The open reservations, oldest first"
    reservedFor: [Reservation!]!
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
    allEvents(first: Int = 100, after: String): EventConnection!
  }

  type Reservation { reservationId: ID!  quantity: Int! }

  "What is given has to hold, all of it; from, to, min and max include their values"
  input ProductFilter {
    skuIn: [ID!]
    currency: String
    priceMin: Decimal
    priceMax: Decimal
    availableMin: Int
    availableMax: Int
    createdFrom: DateTime
    createdTo: DateTime
  }

  extend type Mutation {
    addProduct(sku: ID!, input: AddProductInput!, commandId: ID, expectedVersion: Int): CommandResult!
    receiveStock(sku: ID!, input: ReceiveStockInput!, commandId: ID, expectedVersion: Int): CommandResult!
    "The same reservation again is accepted, and changes nothing"
    reserveStock(sku: ID!, input: ReserveStockInput!, commandId: ID, expectedVersion: Int): CommandResult!
    "Makes what was reserved available again; releasing it twice changes nothing"
    releaseStock(sku: ID!, input: ReleaseStockInput!, commandId: ID, expectedVersion: Int): CommandResult!
    "Takes what was reserved out of the stock; shipping it twice changes nothing"
    shipReserved(sku: ID!, input: ShipReservedInput!, commandId: ID, expectedVersion: Int): CommandResult!
  }

  input AddProductInput {
    name: String!
    "With two decimals: \\"12.50\\""
    price: Decimal!
    "ISO 4217, such as EUR"
    currency: String!
    "0 unless given"
    stock: Int
  }

  input ReceiveStockInput { quantity: Int! }
  input ReserveStockInput { reservationId: ID!  quantity: Int! }
  input ReleaseStockInput {
    reservationId: ID!
    "Also when nothing is reserved under that id: a reservation that comes later is then refused"
    final: Boolean
  }
  input ShipReservedInput { reservationId: ID! }
`

export const productGraph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs, live.typeDefs],
  entities: [products],
  resolvers: {
    Query: { product: products.one, products: lists.all },
    Subscription: live.subscriptions,
    ...live.types,
    CommandResult: { product: products.changed },
    Product: {
      reservedFor: ({ row }: Product) => row.reservations,
      allEvents,
    },
    Mutation: {
      addProduct: command(product, 'add', bySku),
      receiveStock: command(product, 'receive', bySku),
      reserveStock: command(product, 'reserve', bySku),
      releaseStock: command(product, 'release', bySku),
      shipReserved: command(product, 'ship-reserved', bySku),
    },
  },
})
