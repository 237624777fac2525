import { command, defineEntityGraph } from '../../index.ts'
import { account } from './aggregate.ts'
import { accountProjection } from './projection.ts'
import { transfer } from './transfer.ts'
import { transfersOf } from './transfers-of.ts'

const typeDefs = `
  type Account {
    id: ID!
    "Whose it is: an id that whoever opens it chooses"
    owner: ID!
    currency: String!
    "Never negative"
    balance: Decimal!
    "The latest transfers from and to it, newest first; at most 100"
    transfers(first: Int = 20, atLeast: PositionInput): [Transfer!]!
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
  }

  type Transfer {
    id: ID!
    "The account that it was taken from"
    from: ID!
    to: ID!
    amount: Decimal!
    currency: String!
    reference: String
    at: DateTime!
  }

  extend type Mutation {
    "Both accounts have it, or neither; expectedVersion is that of the account it is taken from"
    transfer(from: ID!, input: TransferInput!, commandId: ID, expectedVersion: Int): CommandResult!
  }

  input OpenAccountInput {
    owner: ID!
    "ISO 4217, such as EUR"
    currency: String!
  }

  input AmountInput {
    "More than 0.00, with two decimals: \\"12.50\\""
    amount: Decimal!
    reference: String
  }

  input TransferInput {
    to: ID!
    "More than 0.00, with two decimals: \\"12.50\\""
    amount: Decimal!
    "Made from the commandId unless given"
    transferId: ID
    reference: String
  }
`

export const accountGraph = defineEntityGraph({
  type: 'Account',
  aggregate: account,
  projection: accountProjection,
  lists: {
    orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', BALANCE: 'balance' },
    filter: {
      idIn: ['id', 'in', '[ID!]'],
      owner: ['owner', '=', 'ID'],
      currency: ['currency', '=', 'String'],
      balanceMin: ['balance', '>=', 'Decimal'],
      balanceMax: ['balance', '<=', 'Decimal'],
      createdFrom: ['created_at', '>=', 'DateTime'],
      createdTo: ['created_at', '<=', 'DateTime'],
    },
  },
  live: true,
  mutations: {
    openAccount: { command: 'open', input: 'OpenAccountInput!', creates: true },
    deposit: { command: 'deposit', input: 'AmountInput!' },
    withdraw: { command: 'withdraw', input: 'AmountInput!' },
  },
  descriptions: {
    changed:
      'The account after the command; after a transfer, the one that it was taken from. Null when the command was for something else',
  },
  typeDefs,
  fields: { transfers: transfersOf },
  // A command over two accounts, of which the answer shows one.
  resolvers: { Mutation: { transfer: command(transfer, { key: 'from' }) } },
})
