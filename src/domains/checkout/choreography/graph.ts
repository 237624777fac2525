import {
  allEvents,
  command,
  connection,
  defineEntity,
  defineGraph,
  defineLive,
  reference,
} from '../../../index.ts'
import type { Condition, EntityOf, ProjectionRow } from '../../../index.ts'
import { purchase } from './aggregate.ts'
import { participantOf } from './participants.ts'
import { purchaseProjection } from './projection.ts'

const purchases = defineEntity({ type: 'Purchase', aggregate: purchase, projection: purchaseProjection })
type Purchase = EntityOf<typeof purchases>

type TextFilter = 'status' | 'customerId' | 'failureCode' | 'createdFrom' | 'createdTo'
type PurchaseFilter = { [Name in TextFilter]?: string | null } & { statusIn?: string[] | null }

const where = (filter: PurchaseFilter): Condition<ProjectionRow<typeof purchaseProjection>>[] => [
  ['status', '=', filter.status],
  ['status', 'in', filter.statusIn],
  ['customer_id', '=', filter.customerId],
  ['failed_code', '=', filter.failureCode],
  ['created_at', '>=', filter.createdFrom],
  ['created_at', '<=', filter.createdTo],
]

const lists = connection(purchases, {
  orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', TOTAL: 'total' },
  where,
})
const live = defineLive(purchases, { filter: 'PurchaseFilter', where })

const typeDefs = `
  extend type Query {
    "The purchase as it is, or as it was: at a moment of the business, or at a version. Null when there is none, or was none yet."
    purchase(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): Purchase
    "At most 100 a page; newest first unless ordered otherwise"
    purchases(filter: PurchaseFilter, orderBy: PurchaseOrder, first: Int = 20, after: String, atLeast: PositionInput): PurchaseConnection!
  }

  extend type CommandResult {
    "The purchase after the command; null when the command was for something else"
    purchase: Purchase
  }

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
    allEvents(first: Int = 100, after: String): EventConnection!
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

  "What is given has to hold, all of it; from and to include their values"
  input PurchaseFilter {
    status: PurchaseStatus
    statusIn: [PurchaseStatus!]
    customerId: ID
    failureCode: String
    createdFrom: DateTime
    createdTo: DateTime
  }

  extend type Mutation {
    """
    Answers when it is placed; how it ends is told by purchaseChanged. Without an id one is made up; from the commandId, if there is
    one, so that repeating it is safe
    """
    placePurchase(id: ID, input: CheckoutInput!, commandId: ID, expectedVersion: Int): CommandResult!
  }
`

export const purchaseGraph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs, live.typeDefs],
  entities: [purchases],
  references: { Order: 'id', Payment: 'id', Shipment: 'id' },
  resolvers: {
    Query: { purchase: purchases.one, purchases: lists.all },
    Subscription: live.subscriptions,
    ...live.types,
    CommandResult: { purchase: purchases.changed },
    Purchase: {
      failure: ({ row: { failed_step: step, failed_code: code, failed_detail: detail } }: Purchase) =>
        step === null ? null : { step, code, detail },
      order: reference('Order', ({ row }: Purchase) => participantOf(row.id)),
      payment: reference('Payment', ({ row }: Purchase) => participantOf(row.id)),
      shipment: reference('Shipment', ({ row }: Purchase) => participantOf(row.id)),
      allEvents,
    },
    Mutation: { placePurchase: command(purchase, 'place') },
  },
})
