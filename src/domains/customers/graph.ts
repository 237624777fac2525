import { defineEntityGraph } from '../../index.ts'
import { customer } from './aggregate.ts'
import { customerProjection } from './projection.ts'

const typeDefs = `
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

export const customerGraph = defineEntityGraph({
  type: 'Customer',
  aggregate: customer,
  projection: customerProjection,
  mutations: {
    registerCustomer: { command: 'register', input: 'RegisterCustomerInput!', creates: true },
    changeCustomerAddress: { command: 'change-address', input: 'AddressInput!' },
  },
  typeDefs,
})
