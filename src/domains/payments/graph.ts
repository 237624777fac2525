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
import { payment } from './aggregate.ts'
import { paymentProjection } from './projection.ts'

const payments = defineEntity({ type: 'Payment', aggregate: payment, projection: paymentProjection })
type Payment = EntityOf<typeof payments>

type TextFilter =
  'status' | 'orderId' | 'currency' | 'method' | 'amountMin' | 'amountMax' | 'createdFrom' | 'createdTo'
type PaymentFilter = { [Name in TextFilter]?: string | null } & { statusIn?: string[] | null }

const where = (filter: PaymentFilter): Condition<ProjectionRow<typeof paymentProjection>>[] => [
  ['status', '=', filter.status],
  ['status', 'in', filter.statusIn],
  ['order_id', '=', filter.orderId],
  ['currency', '=', filter.currency],
  ['method', '=', filter.method],
  ['amount', '>=', filter.amountMin],
  ['amount', '<=', filter.amountMax],
  ['created_at', '>=', filter.createdFrom],
  ['created_at', '<=', filter.createdTo],
]

const lists = connection(payments, {
  orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', AMOUNT: 'amount' },
  where,
})
const live = defineLive(payments, { filter: 'PaymentFilter', where })

const typeDefs = `
  extend type Query {
    "The payment as it is, or as it was: at a moment of the business, or at a version. Null when none was authorized, or was not yet."
    payment(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): Payment
    "At most 100 a page; newest first unless ordered otherwise"
    payments(filter: PaymentFilter, orderBy: PaymentOrder, first: Int = 20, after: String, atLeast: PositionInput): PaymentConnection!
  }

  extend type Order {
    "The payments for the order, newest first"
    payments(first: Int = 20, after: String, atLeast: PositionInput): PaymentConnection!
  }

  extend type CommandResult {
    "The payment after the command; null when the command was for something else"
    payment: Payment
  }

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
    allEvents(first: Int = 100, after: String): EventConnection!
  }

  "Refunded is one of which all was given back; of which a part was, that is captured"
  enum PaymentStatus { AUTHORIZED CAPTURED REFUNDED VOIDED }

  "What is given has to hold, all of it; from, to, min and max include their values"
  input PaymentFilter {
    status: PaymentStatus
    statusIn: [PaymentStatus!]
    orderId: ID
    currency: String
    method: String
    amountMin: Decimal
    amountMax: Decimal
    createdFrom: DateTime
    createdTo: DateTime
  }

  extend type Mutation {
    """
    Asks the gateway, which may decline: PAYMENT_DECLINED. The same payment again changes nothing.
    Without an id one is made up; from the commandId, if there is one, so that repeating it is safe
    """
    authorizePayment(id: ID, input: AuthorizePaymentInput!, commandId: ID, expectedVersion: Int): CommandResult!
    "Capturing it twice changes nothing"
    capturePayment(id: ID!, commandId: ID, expectedVersion: Int): CommandResult!
    "In parts or at once, up to what was captured"
    refundPayment(id: ID!, input: RefundPaymentInput!, commandId: ID, expectedVersion: Int): CommandResult!
    "Before it is captured. One that was never authorized can be voided, too: it never will be then"
    voidPayment(id: ID!, commandId: ID, expectedVersion: Int): CommandResult!
  }

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

export const paymentGraph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs, live.typeDefs],
  entities: [payments],
  references: { Order: 'id' },
  resolvers: {
    Query: { payment: payments.one, payments: lists.all },
    Subscription: live.subscriptions,
    ...live.types,
    Order: { payments: lists.of('order_id') },
    CommandResult: { payment: payments.changed },
    Payment: {
      order: reference('Order', ({ row }: Payment) => row.order_id),
      allEvents,
    },
    Mutation: {
      authorizePayment: command(payment, 'authorize'),
      capturePayment: command(payment, 'capture'),
      refundPayment: command(payment, 'refund'),
      voidPayment: command(payment, 'void'),
    },
  },
})
