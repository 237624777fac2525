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
import { order } from './aggregate.ts'
import { orderProjection } from './projection.ts'

const orders = defineEntity({
  type: 'Order',
  aggregate: order,
  projection: orderProjection,
  fromHistory: ['statusHistory'],
})
type Order = EntityOf<typeof orders>

type TextFilter = 'status' | 'customerId' | 'currency' | 'createdFrom' | 'createdTo' | 'totalMin' | 'totalMax'
type OrderFilter = { [Name in TextFilter]?: string | null } & { statusIn?: string[] | null }

const where = (filter: OrderFilter): Condition<ProjectionRow<typeof orderProjection>>[] => [
  ['status', '=', filter.status],
  ['status', 'in', filter.statusIn],
  ['customer_id', '=', filter.customerId],
  ['currency', '=', filter.currency],
  ['created_at', '>=', filter.createdFrom],
  ['created_at', '<=', filter.createdTo],
  ['total', '>=', filter.totalMin],
  ['total', '<=', filter.totalMax],
]

const lists = connection(orders, {
  orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', TOTAL: 'total' },
  where,
})
const live = defineLive(orders, { filter: 'OrderFilter', where })

/** The status that an event leaves the order in; other events do not change it. */
const STATUS_AFTER = new Map([
  ['order.created', 'CREATED'],
  ['order.confirmed', 'CONFIRMED'],
  ['order.shipped', 'SHIPPED'],
  ['order.delivered', 'DELIVERED'],
  ['order.cancelled', 'CANCELLED'],
])

async function statusHistory({ history }: Order) {
  const events = await history.all()
  return events.flatMap(({ type, time, version }) => {
    const status = STATUS_AFTER.get(type)
    return status === undefined ? [] : [{ status, at: time, version }]
  })
}

const typeDefs = `
  extend type Query {
    "The order as it is, or as it was: at a moment of the business, or at a version. Null when there is none, or was none yet."
    order(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): Order
    "At most 100 a page; newest first unless ordered otherwise"
    orders(filter: OrderFilter, orderBy: OrderOrder, first: Int = 20, after: String, atLeast: PositionInput): OrderConnection!
  }

  extend type Customer {
    "The customer's orders, newest first"
    orders(first: Int = 20, after: String, atLeast: PositionInput): OrderConnection!
  }

  extend type CommandResult {
    "The order after the command; null when the command was for something else"
    order: Order
  }

  type Order {
    id: ID!
    status: OrderStatus!
    customerId: ID!
    "Null when no customer is registered with that id"
    customer: Customer
    currency: String!
    "Σ quantity × unitPrice + shippingCost"
    total: Decimal!
    shippingCost: Decimal!
    items: [OrderItem!]!
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
    statusHistory: [OrderStatusChange!]!
    allEvents(first: Int = 100, after: String): EventConnection!
  }

  type OrderItem {
    sku: ID!
    quantity: Int!
    unitPrice: Decimal!
    "Null when there is no product with that sku"
    product: Product
  }

  type OrderStatusChange { status: OrderStatus!  at: DateTime!  version: Int! }
  enum OrderStatus { CREATED CONFIRMED SHIPPED DELIVERED CANCELLED }

  "What is given has to hold, all of it; from, to, min and max include their values"
  input OrderFilter {
    status: OrderStatus
    statusIn: [OrderStatus!]
    customerId: ID
    currency: String
    createdFrom: DateTime
    createdTo: DateTime
    totalMin: Decimal
    totalMax: Decimal
  }

  extend type Mutation {
    "Without an id one is made up; from the commandId, if there is one, so that repeating it is safe"
    createOrder(id: ID, input: CreateOrderInput!, commandId: ID, expectedVersion: Int): CommandResult!
    confirmOrder(id: ID!, commandId: ID, expectedVersion: Int): CommandResult!
    shipOrder(id: ID!, input: ShipOrderInput!, commandId: ID, expectedVersion: Int): CommandResult!
    deliverOrder(id: ID!, commandId: ID, expectedVersion: Int): CommandResult!
    cancelOrder(id: ID!, input: CancelOrderInput!, commandId: ID, expectedVersion: Int): CommandResult!
  }

  input CreateOrderInput {
    customerId: ID!
    "ISO 4217, such as EUR"
    currency: String!
    items: [OrderItemInput!]!
    "0.00 unless given"
    shippingCost: Decimal
  }

  input OrderItemInput {
    sku: ID!
    quantity: Int!
    "With two decimals: \\"12.50\\""
    unitPrice: Decimal!
  }

  input ShipOrderInput { carrier: String!  trackingNumber: String! }
  input CancelOrderInput { reason: String! }
`

export const orderGraph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs, live.typeDefs],
  entities: [orders],
  references: { Customer: 'id', Product: 'sku' },
  resolvers: {
    Query: { order: orders.one, orders: lists.all },
    Subscription: live.subscriptions,
    ...live.types,
    Customer: { orders: lists.of('customer_id') },
    CommandResult: { order: orders.changed },
    Order: {
      customer: reference('Customer', ({ row }: Order) => row.customer_id),
      statusHistory,
      allEvents,
    },
    OrderItem: { product: reference('Product', ({ sku }: { sku: string }) => sku) },
    Mutation: {
      createOrder: command(order, 'create'),
      confirmOrder: command(order, 'confirm'),
      shipOrder: command(order, 'ship'),
      deliverOrder: command(order, 'deliver'),
      cancelOrder: command(order, 'cancel'),
    },
  },
})
