import { defineSqlProjection, sql } from '../../index.ts'
import type { QueryExecutorProvider } from '../../index.ts'
import { customer } from '../customers/aggregate.ts'
import { order } from './aggregate.ts'

/** The state of who has not registered. No real one: a state that is registered is not empty. */
const UNKNOWN = ''

/** A text that is sorted by code point, so that rows come in the same order from every database. */
const CODE_POINTS = sql`text collate "C"`

/**
 * What was sold by day, state and currency, in tb_daily_sales_projection.
 *
 * - `day`: the UTC day on which the order was placed, by its own time; a cancellation counts on that day too.
 * - `state`: where the order's customer lives *now*, '' until that one registers. "Where the customer lived then" cannot be
 *   said exactly: orders and customers come from two streams, and which of two events came first is another answer at every
 *   replay. So when a customer registers or moves, what they ordered moves along.
 * - `orders`: all that were placed. `cancelled`: those of them that were cancelled. `revenue`: the totals of the others.
 *
 * A row without orders does not exist. `<table>_order` and `<table>_customer` remember what later events do not say again.
 */
export const dailySalesProjection = defineSqlProjection({
  name: 'daily_sales',
  version: 1,
  from: [order, customer],
  async migrate(schema, table) {
    await schema.schema
      .createTable(table)
      .addColumn('day', 'date', (column) => column.notNull())
      .addColumn('state', CODE_POINTS, (column) => column.notNull())
      .addColumn('currency', 'text', (column) => column.notNull())
      .addColumn('orders', 'bigint', (column) => column.notNull())
      .addColumn('revenue', 'numeric', (column) => column.notNull())
      .addColumn('cancelled', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint(`${table}_pkey`, ['day', 'state', 'currency'])
      .execute()
    await schema.schema
      .createTable(`${table}_order`)
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('customer_id', 'text', (column) => column.notNull())
      .addColumn('day', 'date', (column) => column.notNull())
      .addColumn('currency', 'text', (column) => column.notNull())
      .addColumn('total', 'numeric', (column) => column.notNull())
      .addColumn('cancelled', 'boolean', (column) => column.notNull().defaultTo(false))
      .execute()
    await schema.schema
      .createIndex(`${table}_order_customer_id_idx`)
      .on(`${table}_order`)
      .column('customer_id')
      .execute()
    await schema.schema
      .createTable(`${table}_customer`)
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('state', CODE_POINTS, (column) => column.notNull())
      .execute()
  },
  on: {
    async 'order.created'({ aggregateId, data, time }, tx, table) {
      const { customerId, currency, total } = data
      await sql`
        with placed as (
          insert into ${ordersOf(table)} (id, customer_id, day, currency, total)
          values (${aggregateId}, ${customerId}, (${time}::timestamptz at time zone 'UTC')::date, ${currency}, ${total})
          on conflict do nothing returning *)
        insert into ${sql.table(table)} as t (day, state, currency, orders, revenue, cancelled)
        select p.day, coalesce(c.state, ${UNKNOWN}), p.currency, 1, p.total, 0
        from placed p left join ${customersOf(table)} c on c.id = p.customer_id
        on conflict (day, state, currency) do update set
          orders = t.orders + 1, revenue = t.revenue + excluded.revenue`.execute(tx)
    },
    async 'order.cancelled'({ aggregateId }, tx, table) {
      await sql`
        with gone as (
          update ${ordersOf(table)} set cancelled = true where id = ${aggregateId} and not cancelled returning *)
        update ${sql.table(table)} as t set cancelled = t.cancelled + 1, revenue = t.revenue - gone.total
        from gone left join ${customersOf(table)} c on c.id = gone.customer_id
        where t.day = gone.day and t.state = coalesce(c.state, ${UNKNOWN}) and t.currency = gone.currency`.execute(
        tx,
      )
    },
    'customer.registered': livesIn,
    'customer.address_changed': livesIn,
  },
})

async function livesIn(
  { aggregateId, data: { state } }: { aggregateId: string; data: { state: string } },
  tx: QueryExecutorProvider,
  table: string,
): Promise<void> {
  const { rows } = await sql<{ state: string }>`
    with was as (select state from ${customersOf(table)} where id = ${aggregateId}),
      known as (
        insert into ${customersOf(table)} (id, state) values (${aggregateId}, ${state})
        on conflict (id) do update set state = excluded.state)
    select coalesce((select state from was), ${UNKNOWN}) as state`.execute(tx)
  const before = rows[0]?.state ?? UNKNOWN
  if (before !== state) await moveSales(tx, table, { customerId: aggregateId, from: before, to: state })
}

/** The parts of the statement see the table as it was before: each touches rows that no other does. */
async function moveSales(
  tx: QueryExecutorProvider,
  table: string,
  { customerId, from, to }: { customerId: string; from: string; to: string },
): Promise<void> {
  await sql`
    with moved as (
        select day, currency, count(*) as orders, count(*) filter (where cancelled) as cancelled,
          -- A factor and not a filter: the sum of nothing would be 0, and this one is 0.00.
          sum(total * (not cancelled)::integer) as revenue
        from ${ordersOf(table)} where customer_id = ${customerId} group by day, currency),
      emptied as (
        delete from ${sql.table(table)} t using moved m
        where t.day = m.day and t.state = ${from} and t.currency = m.currency and t.orders = m.orders),
      reduced as (
        update ${sql.table(table)} t set
          orders = t.orders - m.orders, revenue = t.revenue - m.revenue, cancelled = t.cancelled - m.cancelled
        from moved m
        where t.day = m.day and t.state = ${from} and t.currency = m.currency and t.orders > m.orders)
    insert into ${sql.table(table)} as t (day, state, currency, orders, revenue, cancelled)
    select day, ${to}, currency, orders, revenue, cancelled from moved
    on conflict (day, state, currency) do update set
      orders = t.orders + excluded.orders,
      revenue = t.revenue + excluded.revenue,
      cancelled = t.cancelled + excluded.cancelled`.execute(tx)
}

const ordersOf = (table: string) => sql.table(`${table}_order`)
const customersOf = (table: string) => sql.table(`${table}_customer`)
