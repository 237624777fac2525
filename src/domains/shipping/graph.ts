import {
  allEvents,
  command,
  connection,
  defineEntity,
  defineGraph,
  defineLive,
  reference,
} from '../../index.ts'
import type { Condition, EntityOf, ProjectionRow } from '../../index.ts'
import { shipment } from './aggregate.ts'
import { shipmentProjection } from './projection.ts'

const shipments = defineEntity({ type: 'Shipment', aggregate: shipment, projection: shipmentProjection })
type Shipment = EntityOf<typeof shipments>

type TextFilter =
  'status' | 'orderId' | 'carrier' | 'trackingNumber' | 'postalCode' | 'createdFrom' | 'createdTo'
type ShipmentFilter = { [Name in TextFilter]?: string | null } & { statusIn?: string[] | null }

const where = (filter: ShipmentFilter): Condition<ProjectionRow<typeof shipmentProjection>>[] => [
  ['status', '=', filter.status],
  ['status', 'in', filter.statusIn],
  ['order_id', '=', filter.orderId],
  ['carrier', '=', filter.carrier],
  ['tracking_number', '=', filter.trackingNumber],
  ['postal_code', '=', filter.postalCode],
  ['created_at', '>=', filter.createdFrom],
  ['created_at', '<=', filter.createdTo],
]

const lists = connection(shipments, {
  orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at' },
  where,
})
const live = defineLive(shipments, { filter: 'ShipmentFilter', where })

const typeDefs = `
  extend type Query {
    "The shipment as it is, or as it was: at a moment of the business, or at a version. Null when there is none, or was none yet."
    shipment(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): Shipment
    "At most 100 a page; newest first unless ordered otherwise"
    shipments(filter: ShipmentFilter, orderBy: ShipmentOrder, first: Int = 20, after: String, atLeast: PositionInput): ShipmentConnection!
  }

  extend type Order {
    "The shipments of the order, newest first"
    shipments(first: Int = 20, after: String, atLeast: PositionInput): ShipmentConnection!
  }

  extend type CommandResult {
    "The shipment after the command; null when the command was for something else"
    shipment: Shipment
  }

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
    allEvents(first: Int = 100, after: String): EventConnection!
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

  "What is given has to hold, all of it; from and to include their values"
  input ShipmentFilter {
    status: ShipmentStatus
    statusIn: [ShipmentStatus!]
    orderId: ID
    carrier: String
    trackingNumber: String
    postalCode: String
    createdFrom: DateTime
    createdTo: DateTime
  }

  extend type Mutation {
    "Without an id one is made up; from the commandId, if there is one, so that repeating it is safe"
    createShipment(id: ID, input: CreateShipmentInput!, commandId: ID, expectedVersion: Int): CommandResult!
    dispatchShipment(id: ID!, input: DispatchShipmentInput, commandId: ID, expectedVersion: Int): CommandResult!
    deliverShipment(id: ID!, commandId: ID, expectedVersion: Int): CommandResult!
    "Before it is dispatched. One that was never created can be cancelled, too: it never will be then"
    cancelShipment(id: ID!, input: CancelShipmentInput, commandId: ID, expectedVersion: Int): CommandResult!
  }

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

export const shipmentGraph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs, live.typeDefs],
  entities: [shipments],
  references: { Order: 'id', Product: 'sku' },
  resolvers: {
    Query: { shipment: shipments.one, shipments: lists.all },
    Subscription: live.subscriptions,
    ...live.types,
    Order: { shipments: lists.of('order_id') },
    CommandResult: { shipment: shipments.changed },
    Shipment: {
      order: reference('Order', ({ row }: Shipment) => row.order_id),
      allEvents,
    },
    ShipmentItem: { product: reference('Product', ({ sku }: { sku: string }) => sku) },
    Mutation: {
      createShipment: command(shipment, 'create'),
      dispatchShipment: command(shipment, 'dispatch'),
      deliverShipment: command(shipment, 'deliver'),
      cancelShipment: command(shipment, 'cancel'),
    },
  },
})
