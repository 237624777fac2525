import { defineEntityGraph, reference } from '../../index.ts'
import { payment } from './aggregate.ts'
import { paymentProjection } from './projection.ts'

const typeDefs = `
  type Payment {
    id: ID!
    status: PaymentStatus!
    orderId: ID!
    "Null when there is no order with that id"
    order: Order
    amount: Decimal!
    currency: String!
    "The gateway's token for a card or an account"
    method: String!
    "Given back so far"
    refunded: Decimal!
    "The gateway's name for the authorization"
    reference: String!
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
  }

  "Refunded is one of which all was given back; of which a part was, that is captured"
  enum PaymentStatus { AUTHORIZED CAPTURED REFUNDED VOIDED }

  input AuthorizePaymentInput {
    orderId: ID!
    "With two decimals: \\"12.50\\""
    amount: Decimal!
    "ISO 4217, such as EUR"
    currency: String!
    "The gateway's token for a card or an account, never the number of a card"
    method: String!
  }

  input RefundPaymentInput {
    "All that is left unless given"
    amount: Decimal
    reason: String!
  }
`

export const paymentGraph = defineEntityGraph({
  type: 'Payment',
  aggregate: payment,
  projection: paymentProjection,
  lists: {
    orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', AMOUNT: 'amount' },
    filter: {
      status: ['status', '=', 'PaymentStatus'],
      statusIn: ['status', 'in', '[PaymentStatus!]'],
      orderId: ['order_id', '=', 'ID'],
      currency: ['currency', '=', 'String'],
      method: ['method', '=', 'String'],
      amountMin: ['amount', '>=', 'Decimal'],
      amountMax: ['amount', '<=', 'Decimal'],
      createdFrom: ['created_at', '>=', 'DateTime'],
      createdTo: ['created_at', '<=', 'DateTime'],
    },
    of: { Order: { column: 'order_id', description: 'The payments for the order, newest first' } },
  },
  live: true,
  mutations: {
    authorizePayment: {
      command: 'authorize',
      input: 'AuthorizePaymentInput!',
      creates: true,
      description:
        'Asks the gateway, which may decline: PAYMENT_DECLINED. The same payment again changes nothing.',
    },
    capturePayment: { command: 'capture', description: 'Capturing it twice changes nothing' },
    refundPayment: {
      command: 'refund',
      input: 'RefundPaymentInput!',
      description: 'In parts or at once, up to what was captured',
    },
    voidPayment: {
      command: 'void',
      description:
        'Before it is captured. One that was never authorized can be voided, too: it never will be then',
    },
  },
  descriptions: {
    one: 'The payment as it is, or as it was: at a moment of the business, or at a version. Null when none was authorized, or was not yet.',
  },
  typeDefs,
  references: { Order: 'id' },
  fields: { order: reference('Order', ({ row }) => row.order_id) },
})
