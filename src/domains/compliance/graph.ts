import { allEvents, connection, defineEntity, defineGraph } from '../../index.ts'
import type { Condition, EntityOf, ProjectionRow } from '../../index.ts'
import { compliance } from './aggregate.ts'
import { complianceAlertProjection } from './projection.ts'

const alerts = defineEntity({
  type: 'ComplianceAlert',
  aggregate: compliance,
  projection: complianceAlertProjection,
})
type Alert = EntityOf<typeof alerts>

type Filter = { [Name in 'fromAccount' | 'toAccount' | 'currency' | 'amountMin']?: string | null }

const where = (filter: Filter): Condition<ProjectionRow<typeof complianceAlertProjection>>[] => [
  ['from_account', '=', filter.fromAccount],
  ['to_account', '=', filter.toAccount],
  ['currency', '=', filter.currency],
  ['amount', '>=', filter.amountMin],
]

const lists = connection(alerts, { orderBy: { RAISED_AT: 'raised_at', AMOUNT: 'amount' }, where })

const typeDefs = `
  extend type Query {
    "By the id of the transfer; null when it has no alert"
    complianceAlert(id: ID!, atLeast: PositionInput): ComplianceAlert
    "At most 100 a page; newest first unless ordered otherwise"
    complianceAlerts(filter: ComplianceAlertFilter, orderBy: ComplianceAlertOrder, first: Int = 20, after: String, atLeast: PositionInput): ComplianceAlertConnection!
  }

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
    allEvents(first: Int = 100, after: String): EventConnection!
  }

  "What is given has to hold, all of it"
  input ComplianceAlertFilter { fromAccount: ID  toAccount: ID  currency: String  amountMin: Decimal }
`

export const complianceGraph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs],
  entities: [alerts],
  resolvers: {
    Query: { complianceAlert: alerts.one, complianceAlerts: lists.all },
    ComplianceAlert: { limit: ({ row }: Alert) => row.limit_amount, allEvents },
  },
})
