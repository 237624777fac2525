import { defineEntityGraph } from '../../index.ts'
import { product } from './aggregate.ts'
import { productProjection } from './projection.ts'

const typeDefs = `
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
  }

  type Reservation { reservationId: ID!  quantity: Int! }

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

export const productGraph = defineEntityGraph({
  type: 'Product',
  key: 'sku',
  aggregate: product,
  projection: productProjection,
  lists: {
    orderBy: {
      CREATED_AT: 'created_at',
      UPDATED_AT: 'updated_at',
      NAME: 'name',
      PRICE: 'price',
      STOCK: 'stock',
      AVAILABLE: 'available',
    },
    filter: {
      skuIn: ['id', 'in', '[ID!]'],
      currency: ['currency', '=', 'String'],
      priceMin: ['price', '>=', 'Decimal'],
      priceMax: ['price', '<=', 'Decimal'],
      availableMin: ['available', '>=', 'Int'],
      availableMax: ['available', '<=', 'Int'],
      createdFrom: ['created_at', '>=', 'DateTime'],
      createdTo: ['created_at', '<=', 'DateTime'],
    },
  },
  live: true,
  // Nothing is made up for whoever adds a product: its id is the sku, which is printed on it.
  mutations: {
    addProduct: { command: 'add', input: 'AddProductInput!' },
    receiveStock: { command: 'receive', input: 'ReceiveStockInput!' },
    reserveStock: {
      command: 'reserve',
      input: 'ReserveStockInput!',
      description: 'The same reservation again is accepted, and changes nothing',
    },
    releaseStock: {
      command: 'release',
      input: 'ReleaseStockInput!',
      description: 'Makes what was reserved available again; releasing it twice changes nothing',
    },
    shipReserved: {
      command: 'ship-reserved',
      input: 'ShipReservedInput!',
      description: 'Takes what was reserved out of the stock; shipping it twice changes nothing',
    },
  },
  typeDefs,
  fields: { reservedFor: ({ row }) => row.reservations },
})
