import { defineGraph, defineLoader, sql } from '../../index.ts'
import type { Entity, Position } from '../../index.ts'
import { customerSummaryProjection } from './customer-summary-projection.ts'

interface SummaryRow {
  id: string
  orders_placed: number
  orders_cancelled: number
  lifetime_value: Record<string, string>
  last_order_at: string | null
}

/** Read by the table's own name: at the swap of a rebuild a statement waits for it, and then finds the new one. */
const summaries = defineLoader(async (ids: readonly string[], { db }) => {
  const { rows } = await sql<SummaryRow>`
    select id, orders_placed, orders_cancelled, lifetime_value, last_order_at from tb_customer_summary_projection
    where id = any(${[...ids]})`.execute(db)
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id))
})

const typeDefs = `
  extend type Customer {
    "What the customer has ordered so far"
    summary(atLeast: PositionInput): CustomerSummary!
  }

  type CustomerSummary {
    "All of them, the cancelled ones too"
    ordersPlaced: Int!
    ordersCancelled: Int!
    "What the orders that are not cancelled come to, by currency"
    lifetimeValue: [CurrencyAmount!]!
    "When the latest one was placed; null when there is none"
    lastOrderAt: DateTime
  }

  type CurrencyAmount { currency: String!  amount: Decimal! }
`

export const customerSummaryGraph = defineGraph({
  typeDefs,
  references: { Customer: 'id' },
  resolvers: {
    Customer: {
      async summary({ row }: Entity<{ id: string }>, { atLeast }: { atLeast?: Position | null }, context) {
        await context.beforeRead(customerSummaryProjection, atLeast)
        const summary = await summaries(context).load(row.id)
        const amounts = Object.entries(summary?.lifetime_value ?? {})
        return {
          ordersPlaced: summary?.orders_placed ?? 0,
          ordersCancelled: summary?.orders_cancelled ?? 0,
          lifetimeValue: amounts
            .toSorted(([one], [other]) => (one < other ? -1 : 1))
            .map(([currency, amount]) => ({ currency, amount })),
          lastOrderAt: summary?.last_order_at ?? null,
        }
      },
    },
  },
})
