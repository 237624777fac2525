import { defineEntityGraph, reference } from '../../index.ts'
import type { History } from '../../index.ts'
import { order } from './aggregate.ts'
import { orderProjection } from './projection.ts'

/** The status that an event leaves the order in; other events do not change it. */
const STATUS_AFTER = new Map([
  ['order.created', 'CREATED'],
  ['order.confirmed', 'CONFIRMED'],
  ['order.shipped', 'SHIPPED'],
  ['order.delivered', 'DELIVERED'],
  ['order.cancelled', 'CANCELLED'],
])

async function statusHistory({ history }: { history: History }) {
  const events = await history.all()
  return events.flatMap(({ type, time, version }) => {
    const status = STATUS_AFTER.get(type)
    return status === undefined ? [] : [{ status, at: time, version }]
  })
}

const typeDefs = `
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

export const orderGraph = defineEntityGraph({
  type: 'Order',
  aggregate: order,
  projection: orderProjection,
  lists: {
    orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', TOTAL: 'total' },
    filter: {
      status: ['status', '=', 'OrderStatus'],
      statusIn: ['status', 'in', '[OrderStatus!]'],
      customerId: ['customer_id', '=', 'ID'],
      currency: ['currency', '=', 'String'],
      createdFrom: ['created_at', '>=', 'DateTime'],
      createdTo: ['created_at', '<=', 'DateTime'],
      totalMin: ['total', '>=', 'Decimal'],
      totalMax: ['total', '<=', 'Decimal'],
    },
    of: { Customer: { column: 'customer_id', description: "The customer's orders, newest first" } },
  },
  live: true,
  mutations: {
    createOrder: { command: 'create', input: 'CreateOrderInput!', creates: true },
    confirmOrder: { command: 'confirm' },
    shipOrder: { command: 'ship', input: 'ShipOrderInput!' },
    deliverOrder: { command: 'deliver' },
    cancelOrder: { command: 'cancel', input: 'CancelOrderInput!' },
  },
  typeDefs,
  references: { Customer: 'id', Product: 'sku' },
  fromHistory: ['statusHistory'],
  fields: {
    customer: reference('Customer', ({ row }) => row.customer_id),
    statusHistory,
  },
  resolvers: { OrderItem: { product: reference('Product', ({ sku }: { sku: string }) => sku) } },
})
