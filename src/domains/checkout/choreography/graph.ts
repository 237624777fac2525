import { defineEntityGraph, reference } from '../../../index.ts'
import { purchase } from './aggregate.ts'
import { participantOf } from './participants.ts'
import { purchaseProjection } from './projection.ts'

const typeDefs = `
  "What is in a basket, bought without anybody who directs it: each context reacts to what happens in the others"
  type Purchase {
    "Its order, payment and shipment have the id purchase-<id>"
    id: ID!
    status: PurchaseStatus!
    customerId: ID!
    currency: String!
    "Σ quantity × unitPrice + shippingCost"
    total: Decimal!
    items: [PurchaseItem!]!
    "Why it failed; null unless it has"
    failure: PurchaseFailure
    "Null until it is there; likewise the payment and the shipment"
    order: Order
    payment: Payment
    shipment: Shipment
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
  }

  type PurchaseItem { sku: ID!  quantity: Int!  unitPrice: Decimal! }

  enum PurchaseStatus {
    PLACED
    "All items are set aside"
    RESERVED
    "The payment is authorized"
    AUTHORIZED
    COMPLETED
    "What there was of it is undone, or will be soon"
    FAILED
  }

  type PurchaseFailure {
    "create-order, reserve-items, authorize-payment, create-shipment, confirm-order or capture-payment"
    step: String!
    "What it was refused with, such as OUT_OF_STOCK"
    code: String!
    detail: String!
  }
`

export const purchaseGraph = defineEntityGraph({
  type: 'Purchase',
  aggregate: purchase,
  projection: purchaseProjection,
  lists: {
    orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', TOTAL: 'total' },
    filter: {
      status: ['status', '=', 'PurchaseStatus'],
      statusIn: ['status', 'in', '[PurchaseStatus!]'],
      customerId: ['customer_id', '=', 'ID'],
      failureCode: ['failed_code', '=', 'String'],
      createdFrom: ['created_at', '>=', 'DateTime'],
      createdTo: ['created_at', '<=', 'DateTime'],
    },
  },
  live: true,
  mutations: {
    placePurchase: {
      command: 'place',
      input: 'CheckoutInput!',
      creates: true,
      description: 'Answers when it is placed; how it ends is told by purchaseChanged.',
    },
  },
  typeDefs,
  references: { Order: 'id', Payment: 'id', Shipment: 'id' },
  fields: {
    failure: ({ row: { failed_step: step, failed_code: code, failed_detail: detail } }) =>
      step === null ? null : { step, code, detail },
    order: reference('Order', ({ row }) => participantOf(row.id)),
    payment: reference('Payment', ({ row }) => participantOf(row.id)),
    shipment: reference('Shipment', ({ row }) => participantOf(row.id)),
  },
})
