import { defineEntityGraph } from '../../index.ts'
import { compliance } from './aggregate.ts'
import { complianceAlertProjection } from './projection.ts'

const typeDefs = `
  "A transfer of more than the limit that held when it was made"
  type ComplianceAlert {
    "The id of the transfer"
    id: ID!
    fromAccount: ID!
    toAccount: ID!
    amount: Decimal!
    currency: String!
    limit: Decimal!
    raisedAt: DateTime!
  }
`

/** No mutations: a reactor raises the alerts. */
export const complianceGraph = defineEntityGraph({
  type: 'ComplianceAlert',
  aggregate: compliance,
  projection: complianceAlertProjection,
  names: { limit_amount: 'limit' },
  lists: {
    orderBy: { RAISED_AT: 'raised_at', AMOUNT: 'amount' },
    filter: {
      fromAccount: ['from_account', '=', 'ID'],
      toAccount: ['to_account', '=', 'ID'],
      currency: ['currency', '=', 'String'],
      amountMin: ['amount', '>=', 'Decimal'],
    },
  },
  descriptions: { one: 'By the id of the transfer; null when it has no alert' },
  typeDefs,
})
