import { defineSqlProjection, sql } from '../../index.ts'
import type { QueryExecutorProvider } from '../../index.ts'
import { customer } from '../customers/aggregate.ts'
import { order } from './aggregate.ts'

/**
 * What every customer has ordered, in tb_customer_summary_projection: one row for whoever has registered or is named by an
 * order. Orders and customers come from two streams, which meet in another order at every replay; the row is the same in all
 * of them, since it is made of sums, of the latest time, and of an address that only the customer's own events set.
 *
 * - `lifetime_value`: by currency, what the orders that are not cancelled come to; 0.00 when all of them are.
 * - `last_order_at`: the latest time at which one was placed, cancelled or not.
 * - the address is null until the customer registers.
 *
 * A cancellation names its order only. `<table>_order` remembers whose it was, and what it came to: that is why this is SQL and
 * not a fold, which has to find its row by the event alone. It also makes every event count once, were it applied twice.
 */
export const customerSummaryProjection = defineSqlProjection({
  name: 'customer_summary',
  version: 1,
  from: [order, customer],
  async migrate(schema, table) {
    await schema.schema
      .createTable(table)
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('registered', 'boolean', (column) => column.notNull().defaultTo(false))
      .addColumn('city', 'text')
      .addColumn('state', 'text')
      .addColumn('postal_code', 'text')
      .addColumn('orders_placed', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('orders_cancelled', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('lifetime_value', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'`))
      .addColumn('last_order_at', 'timestamptz')
      .execute()
    await schema.schema
      .createTable(`${table}_order`)
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('customer_id', 'text', (column) => column.notNull())
      .addColumn('currency', 'text', (column) => column.notNull())
      .addColumn('total', 'numeric', (column) => column.notNull())
      .addColumn('cancelled', 'boolean', (column) => column.notNull().defaultTo(false))
      .execute()
  },
  on: {
    async 'order.created'({ aggregateId, data, time }, tx, table) {
      const { customerId, currency, total } = data
      await sql`
        with placed as (
          insert into ${ordersOf(table)} (id, customer_id, currency, total)
          values (${aggregateId}, ${customerId}, ${currency}, ${total}) on conflict do nothing returning *)
        insert into ${sql.table(table)} as t (id, orders_placed, lifetime_value, last_order_at)
        select customer_id, 1, jsonb_build_object(currency, total::text), ${time}::timestamptz from placed
        on conflict (id) do update set
          orders_placed = t.orders_placed + 1,
          lifetime_value = t.lifetime_value || jsonb_build_object(${currency}::text,
            (coalesce(t.lifetime_value ->> ${currency}::text, '0')::numeric + ${total}::numeric)::text),
          last_order_at = greatest(t.last_order_at, excluded.last_order_at)`.execute(tx)
    },
    async 'order.cancelled'({ aggregateId }, tx, table) {
      await sql`
        with gone as (
          update ${ordersOf(table)} set cancelled = true where id = ${aggregateId} and not cancelled returning *)
        update ${sql.table(table)} as t set
          orders_cancelled = t.orders_cancelled + 1,
          lifetime_value = t.lifetime_value || jsonb_build_object(gone.currency,
            ((t.lifetime_value ->> gone.currency)::numeric - gone.total)::text)
        from gone where t.id = gone.customer_id`.execute(tx)
    },
    'customer.registered': livesAt,
    'customer.address_changed': livesAt,
  },
})

interface Address {
  city: string
  state: string
  postalCode: string
}

async function livesAt(
  { aggregateId, data }: { aggregateId: string; data: Address },
  tx: QueryExecutorProvider,
  table: string,
): Promise<void> {
  await sql`
    insert into ${sql.table(table)} (id, registered, city, state, postal_code)
    values (${aggregateId}, true, ${data.city}, ${data.state}, ${data.postalCode})
    on conflict (id) do update set registered = true,
      city = excluded.city, state = excluded.state, postal_code = excluded.postal_code`.execute(tx)
}

const ordersOf = (table: string) => sql.table(`${table}_order`)
