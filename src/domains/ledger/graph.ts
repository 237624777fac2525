import { allEvents, command, connection, defineEntity, defineGraph, defineLive } from '../../index.ts'
import type { Condition, EntityOf, ProjectionRow } from '../../index.ts'
import { account } from './aggregate.ts'
import { accountProjection } from './projection.ts'
import { transfer } from './transfer.ts'
import { transfersOf } from './transfers-of.ts'

const accounts = defineEntity({ type: 'Account', aggregate: account, projection: accountProjection })
export type Account = EntityOf<typeof accounts>

type TextFilter = 'owner' | 'currency' | 'balanceMin' | 'balanceMax' | 'createdFrom' | 'createdTo'
type AccountFilter = { [Name in TextFilter]?: string | null } & { idIn?: string[] | null }

const where = (filter: AccountFilter): Condition<ProjectionRow<typeof accountProjection>>[] => [
  ['id', 'in', filter.idIn],
  ['owner', '=', filter.owner],
  ['currency', '=', filter.currency],
  ['balance', '>=', filter.balanceMin],
  ['balance', '<=', filter.balanceMax],
  ['created_at', '>=', filter.createdFrom],
  ['created_at', '<=', filter.createdTo],
]

const lists = connection(accounts, {
  orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', BALANCE: 'balance' },
  where,
})
const live = defineLive(accounts, { filter: 'AccountFilter', where })

const typeDefs = `
  extend type Query {
    "The account as it is, or as it was: at a moment of the business, or at a version. Null when there is none, or was none yet."
    account(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): Account
    "At most 100 a page; newest first unless ordered otherwise"
    accounts(filter: AccountFilter, orderBy: AccountOrder, first: Int = 20, after: String, atLeast: PositionInput): AccountConnection!
  }

  extend type CommandResult {
    "The account after the command; after a transfer, the one that it was taken from. Null when the command was for something else"
    account: Account
  }

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
    allEvents(first: Int = 100, after: String): EventConnection!
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

  "What is given has to hold, all of it; from, to, min and max include their values"
  input AccountFilter {
    idIn: [ID!]
    owner: ID
    currency: String
    balanceMin: Decimal
    balanceMax: Decimal
    createdFrom: DateTime
    createdTo: DateTime
  }

  extend type Mutation {
    "Without an id one is made up; from the commandId, if there is one, so that repeating it is safe"
    openAccount(id: ID, input: OpenAccountInput!, commandId: ID, expectedVersion: Int): CommandResult!
    deposit(id: ID!, input: AmountInput!, commandId: ID, expectedVersion: Int): CommandResult!
    withdraw(id: ID!, input: AmountInput!, commandId: ID, expectedVersion: Int): CommandResult!
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

export const accountGraph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs, live.typeDefs],
  entities: [accounts],
  resolvers: {
    Query: { account: accounts.one, accounts: lists.all },
    Subscription: live.subscriptions,
    ...live.types,
    CommandResult: { account: accounts.changed },
    Account: { allEvents, transfers: transfersOf },
    Mutation: {
      openAccount: command(account, 'open'),
      deposit: command(account, 'deposit'),
      withdraw: command(account, 'withdraw'),
      transfer: command(transfer, { key: 'from' }),
    },
  },
})
