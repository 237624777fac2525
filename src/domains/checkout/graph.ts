import { command, defineGraph, reference } from '../../index.ts'
import type { Entity } from '../../index.ts'
import { checkout } from './saga.ts'

const typeDefs = `
  extend type Mutation {
    """
    Buys what is in a basket. Without an id one is made up; from the commandId, if there is one, so that repeating it is safe. It
    answers at once; with wait when it has ended, or after some time. One that was undone is an error then, with the code of the
    step that failed, and in extensions.saga what was compensated.
    """
    checkout(id: ID, input: CheckoutInput!, wait: Boolean = false, commandId: ID): CommandResult!
  }

  "An order, what it is paid with, and where it goes to"
  input CheckoutInput {
    customerId: ID!
    "ISO 4217, such as EUR"
    currency: String!
    items: [CheckoutItemInput!]!
    "0.00 unless given"
    shippingCost: Decimal
    "What it is paid with, as the payment gateway knows it"
    method: String!
    address: CheckoutAddressInput!
  }

  input CheckoutItemInput {
    sku: ID!
    quantity: Int!
    "With two decimals: \\"12.50\\""
    unitPrice: Decimal!
  }

  input CheckoutAddressInput {
    name: String
    street: String
    city: String!
    state: String
    postalCode: String!
    "ISO 3166, such as PT"
    country: String
  }
`

export const checkoutGraph = defineGraph({
  typeDefs,
  resolvers: { Mutation: { checkout: command(checkout.aggregate, 'start') } },
})

/** What is in the subgraph of all sagas. An order has the id of its checkout. */
export const orderSagaGraph = defineGraph({
  typeDefs: `
    extend type Order {
      "The checkout that made it; null when it was made without one"
      saga: Saga
    }`,
  references: { Order: 'id' },
  resolvers: {
    Order: { saga: reference('Saga', ({ row }: Entity<{ id: string }>) => `${checkout.name}.${row.id}`) },
  },
})
