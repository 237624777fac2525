import { defineEntityGraph, reference } from '../../index.ts'
import { shipment } from './aggregate.ts'
import { shipmentProjection } from './projection.ts'

const typeDefs = `
  type Shipment {
    id: ID!
    status: ShipmentStatus!
    orderId: ID!
    "Null when there is no order with that id"
    order: Order
    address: ShipmentAddress!
    items: [ShipmentItem!]!
    "Null until it is dispatched"
    carrier: String
    trackingNumber: String
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
  }

  type ShipmentAddress {
    name: String
    street: String
    city: String!
    state: String
    postalCode: String!
    "ISO 3166-1, such as PT"
    country: String
  }

  type ShipmentItem {
    sku: ID!
    quantity: Int!
    "Null when there is no product with that sku"
    product: Product
  }

  enum ShipmentStatus { CREATED DISPATCHED DELIVERED CANCELLED }

  input CreateShipmentInput {
    orderId: ID!
    address: ShipmentAddressInput!
    items: [ShipmentItemInput!]!
  }

  input ShipmentAddressInput {
    name: String
    street: String
    city: String!
    state: String
    postalCode: String!
    "ISO 3166-1, such as PT"
    country: String
  }

  input ShipmentItemInput { sku: ID!  quantity: Int! }

  input DispatchShipmentInput {
    "standard unless given"
    carrier: String
    "The shipment's id unless given"
    trackingNumber: String
  }

  input CancelShipmentInput { reason: String }
`

export const shipmentGraph = defineEntityGraph({
  type: 'Shipment',
  aggregate: shipment,
  projection: shipmentProjection,
  lists: {
    orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at' },
    filter: {
      status: ['status', '=', 'ShipmentStatus'],
      statusIn: ['status', 'in', '[ShipmentStatus!]'],
      orderId: ['order_id', '=', 'ID'],
      carrier: ['carrier', '=', 'String'],
      trackingNumber: ['tracking_number', '=', 'String'],
      postalCode: ['postal_code', '=', 'String'],
      createdFrom: ['created_at', '>=', 'DateTime'],
      createdTo: ['created_at', '<=', 'DateTime'],
    },
    of: { Order: { column: 'order_id', description: 'The shipments of the order, newest first' } },
  },
  live: true,
  mutations: {
    createShipment: { command: 'create', input: 'CreateShipmentInput!', creates: true },
    dispatchShipment: { command: 'dispatch', input: 'DispatchShipmentInput' },
    deliverShipment: { command: 'deliver' },
    cancelShipment: {
      command: 'cancel',
      input: 'CancelShipmentInput',
      description:
        'Before it is dispatched. One that was never created can be cancelled, too: it never will be then',
    },
  },
  typeDefs,
  references: { Order: 'id', Product: 'sku' },
  fields: { order: reference('Order', ({ row }) => row.order_id) },
  resolvers: { ShipmentItem: { product: reference('Product', ({ sku }: { sku: string }) => sku) } },
})
