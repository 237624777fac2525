import { BadUserInputError, defineGraph, sql } from '../../index.ts'
import type { Position } from '../../index.ts'
import { dailySalesProjection } from './daily-sales-projection.ts'

const DAY_MS = 86_400_000
/** A leap year. */
const MOST_DAYS = 366
const MOST_ROWS = 10_000

interface SalesArguments {
  from: string
  to: string
  state?: string | null
  atLeast?: Position | null
}

interface SalesRow {
  day: string
  state: string
  currency: string
  orders: number
  revenue: string
  cancelled: number
}

const typeDefs = `
  extend type Query {
    "Sales by day, state and currency, in this order; from and to are days that count too. At most ${MOST_DAYS} days"
    dailySales(from: Date!, to: Date!, state: String, atLeast: PositionInput): [DailySales!]!
  }

  type DailySales {
    "In UTC, on which the orders were placed"
    day: Date!
    "Where the customers live now; empty for those who are not registered"
    state: String!
    currency: String!
    "All that were placed"
    orders: Int!
    "Of the orders that are not cancelled"
    revenue: Decimal!
    "How many of the orders were cancelled, on whatever day"
    cancelled: Int!
  }
`

export const dailySalesGraph = defineGraph({
  typeDefs,
  resolvers: {
    Query: {
      async dailySales(_: unknown, { from, to, state = null, atLeast }: SalesArguments, context) {
        const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
        if (days < 1) throw new BadUserInputError('to', `must not be before from; it is ${to}`)
        if (days > MOST_DAYS) {
          throw new BadUserInputError('to', `must be at most ${MOST_DAYS} days on; these are ${days} days`)
        }
        if (state?.includes('\0')) throw new BadUserInputError('state', 'must not hold U+0000')
        await context.beforeRead(dailySalesProjection, atLeast)
        const { rows } = await sql<SalesRow>`
          select day::text, state, currency, orders, revenue, cancelled from tb_daily_sales_projection
          where day between ${from}::date and ${to}::date and (${state}::text is null or state = ${state})
          order by tb_daily_sales_projection.day, state, currency limit ${MOST_ROWS + 1}`.execute(context.db)
        if (rows.length <= MOST_ROWS) return rows
        throw new BadUserInputError(
          'to',
          `there are more than ${MOST_ROWS} rows: ask for fewer days, or for one state`,
        )
      },
    },
  },
})
