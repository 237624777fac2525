import { allEvents, command, defineEntity, defineGraph } from '../../index.ts'
import { customer } from './aggregate.ts'
import { customerProjection } from './projection.ts'

const customers = defineEntity({ type: 'Customer', aggregate: customer, projection: customerProjection })

const typeDefs = `
  extend type Query {
    customer(id: ID!, atLeast: PositionInput): Customer
  }

  extend type CommandResult {
    "The customer after the command; null when the command was for something else"
    customer: Customer
  }

  type Customer {
    id: ID!
    name: String
    email: String
    city: String!
    state: String!
    postalCode: String!
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
    allEvents(first: Int = 100, after: String): EventConnection!
  }

  extend type Mutation {
    "Without an id one is made up; from the commandId, if there is one, so that repeating it is safe"
    registerCustomer(id: ID, input: RegisterCustomerInput!, commandId: ID, expectedVersion: Int): CommandResult!
    changeCustomerAddress(id: ID!, input: AddressInput!, commandId: ID, expectedVersion: Int): CommandResult!
  }

  input RegisterCustomerInput {
    name: String
    email: String
    city: String!
    state: String!
    postalCode: String!
  }

  input AddressInput { city: String!  state: String!  postalCode: String! }
`

export const customerGraph = defineGraph({
  typeDefs,
  entities: [customers],
  resolvers: {
    Query: { customer: customers.one },
    CommandResult: { customer: customers.changed },
    Customer: { allEvents },
    Mutation: {
      registerCustomer: command(customer, 'register'),
      changeCustomerAddress: command(customer, 'change-address'),
    },
  },
})
