import * as fc from 'fast-check'
import { type Transaction, sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { order } from '../../src/domains/orders/aggregate.ts'
import { customerSummaryProjection } from '../../src/domains/orders/customer-summary-projection.ts'
import { dailySalesProjection } from '../../src/domains/orders/daily-sales-projection.ts'
import { type Database, createDatabase } from '../../src/projections/database/database.ts'
import { besideOf } from '../../src/projections/definition/identifiers.ts'
import type { KernelTables } from '../../src/projections/database/kernel-tables.ts'
import { anyTables, createTables } from '../../src/projections/tables/prepare-table.ts'
import { eventually, openSpace } from '../projections/support.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { type PastEvent, SALES, SUMMARY, expectedSales } from './expected-sales.ts'

const stack = stackOfFile()
const definitions = [customerSummaryProjection, dailySalesProjection]

/** Under another name than the live one, and with no live one there: a handler that names a table by itself fails. */
const tableOf = (name: string) => besideOf(name, 'shadow')
const [summaryTable, salesTable] = [tableOf('customer_summary'), tableOf('daily_sales')]

let database: Database
let tables: string[] = []
beforeAll(async () => {
  const schema = uniqueName()
  database = await createDatabase({
    url: stack().databaseUrl,
    schema,
    poolSize: 2,
    statementTimeoutMs: 10_000,
  })
  await database.db.transaction().execute(async (tx) => {
    for (const definition of definitions)
      tables.push(...(await createTables(tx, definition, schema, tableOf(definition.name))))
  })
  return () => database.close()
})

class Undo extends Error {}

/** What the handlers make of the events, in this order, in empty tables. */
async function applied(events: PastEvent[]) {
  let result: Awaited<ReturnType<typeof read>> | undefined
  const run = database.db.transaction().execute(async (tx) => {
    for (const event of events) await apply(tx, event)
    result = await read(tx)
    throw new Undo()
  })
  await run.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error
  })
  if (!result) throw new Error('nothing was read')
  return result
}

async function apply(tx: Transaction<KernelTables>, event: PastEvent): Promise<void> {
  const { id: aggregateId, type } = event
  const meta = { id: 'e', version: 1, correlationId: 'c', causationId: 'c', commandId: 'c' }
  for (const definition of definitions) {
    if (!definition.handles(type)) continue
    await definition.apply({ ...meta, ...event, aggregateId }, anyTables(tx), tableOf(definition.name))
  }
}

async function read(tx: Transaction<KernelTables>) {
  const summary = await sql.raw(SUMMARY(summaryTable)).execute(tx)
  const sales = await sql.raw(SALES(salesTable)).execute(tx)
  // Every value to the last digit, of the tables beside them too: what `projections verify` compares.
  const exact: unknown[] = []
  for (const table of tables) {
    const { rows } = await sql`select to_jsonb(t)::text as row from ${sql.table(table)} t order by 1`.execute(
      tx,
    )
    exact.push({ table, rows })
  }
  return { summary: summary.rows, sales: sales.rows, exact }
}

const address = (state: string) => ({ city: `city of ${state}`, state, postalCode: '1' })
const registered = (id: string, state: string): PastEvent => ({
  aggregate: 'customer',
  id,
  type: 'customer.registered',
  time: NOON,
  data: address(state),
})
const moved = (id: string, state: string): PastEvent => ({
  ...registered(id, state),
  type: 'customer.address_changed',
})
const created = (
  id: string,
  customerId: string,
  total: string,
  more: Partial<CreatedMore> = {},
): PastEvent => ({
  aggregate: 'order',
  id,
  type: 'order.created',
  time: more.time ?? NOON,
  data: { customerId, currency: more.currency ?? 'EUR', items: [], shippingCost: '0.00', total },
})
const cancelled = (id: string): PastEvent => ({
  aggregate: 'order',
  id,
  type: 'order.cancelled',
  time: LATER,
  data: { reason: 'late' },
})
interface CreatedMore {
  time: string
  currency: string
}
const NOON = '2026-01-31T12:00:00.000Z'
const LATER = '2026-02-03T12:00:00.000Z'

describe('customer summary and daily sales', () => {
  it('are the same rows whether the customer registers before or after the order, and its cancellation', async () => {
    const register = registered('c-1', 'SP')
    const [place, cancel] = [created('o-1', 'c-1', '12.50'), cancelled('o-1')]
    const before = await applied([register, place, cancel])
    expect(before.summary).toEqual([
      {
        id: 'c-1',
        registered: true,
        city: 'city of SP',
        state: 'SP',
        postal_code: '1',
        orders_placed: 1,
        orders_cancelled: 1,
        lifetime_value: { EUR: '0.00' },
        last_order_at: NOON,
      },
    ])
    expect(before.sales).toEqual([
      { day: '2026-01-31', state: 'SP', currency: 'EUR', orders: 1, revenue: '0.00', cancelled: 1 },
    ])
    expect(await applied([place, register, cancel])).toEqual(before)
    expect(await applied([place, cancel, register])).toEqual(before)
  })

  it('move with the customer: the orders count where the customer lives now', async () => {
    const { sales } = await applied([
      registered('c-1', 'SP'),
      registered('c-2', 'SP'),
      created('o-1', 'c-1', '10.00'),
      created('o-2', 'c-2', '5.00'),
      created('o-3', 'c-1', '1.00', { time: LATER }),
      moved('c-1', 'RJ'),
      cancelled('o-3'),
    ])
    expect(sales).toEqual([
      { day: '2026-01-31', state: 'RJ', currency: 'EUR', orders: 1, revenue: '10.00', cancelled: 0 },
      { day: '2026-01-31', state: 'SP', currency: 'EUR', orders: 1, revenue: '5.00', cancelled: 0 },
      { day: '2026-02-03', state: 'RJ', currency: 'EUR', orders: 1, revenue: '0.00', cancelled: 1 },
    ])
  })

  it('know who never registers, and who never orders', async () => {
    const { summary, sales } = await applied([created('o-1', 'ghost', '3.00'), registered('c-1', 'SP')])
    expect(summary).toMatchObject([
      { id: 'c-1', registered: true, state: 'SP', orders_placed: 0, lifetime_value: {}, last_order_at: null },
      { id: 'ghost', registered: false, city: null, state: null, postal_code: null, orders_placed: 1 },
    ])
    expect(sales).toMatchObject([{ state: '', orders: 1, revenue: '3.00' }])
  })

  it('count days in UTC, currencies apart, and amounts beyond a double to the cent', async () => {
    const large = '9007199254740993000000.01'
    const { summary, sales } = await applied([
      created('o-1', 'c-1', large, { time: '2026-01-31T23:59:59.999Z' }),
      created('o-2', 'c-1', large, { time: '2026-02-01T00:30:00+01:00' }),
      created('o-3', 'c-1', '0.10', { currency: 'USD', time: '2026-02-01T00:00:00.000Z' }),
    ])
    expect(summary).toMatchObject([
      {
        lifetime_value: { EUR: '18014398509481986000000.02', USD: '0.10' },
        last_order_at: '2026-02-01T00:00:00.000Z',
      },
    ])
    expect(sales).toMatchObject([
      { day: '2026-01-31', currency: 'EUR', orders: 2, revenue: '18014398509481986000000.02' },
      { day: '2026-02-01', currency: 'USD', orders: 1, revenue: '0.10' },
    ])
  })

  it('come to the same when every event is applied twice', async () => {
    const events = [
      created('o-1', 'c-1', '10.00'),
      registered('c-1', 'SP'),
      created('o-2', 'c-1', '2.00'),
      cancelled('o-1'),
      moved('c-1', 'RJ'),
    ]
    expect(await applied(events.flatMap((event) => [event, event]))).toEqual(await applied(events))
  })
})

const CUSTOMERS = ['a', 'b', 'c', 'd']
const STATES = ['RJ', 'SP', 'Ä', 'mg']
const TIMES = [
  NOON,
  LATER,
  '2026-01-31T23:59:59.999Z',
  '2026-02-01T00:00:00.000Z',
  '2026-02-01T01:00:00+02:00',
]

/** Histories, one an aggregate. Customer d never registers; b orders, or not, and so on. */
const histories = fc
  .record({
    homes: fc.array(fc.array(fc.constantFrom(...STATES), { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
    orders: fc.array(
      fc.record({
        customer: fc.constantFrom(...CUSTOMERS),
        cents: fc.integer({ min: 0, max: 99_999 }),
        currency: fc.constantFrom('EUR', 'USD'),
        time: fc.constantFrom(...TIMES),
        isCancelled: fc.boolean(),
      }),
      { maxLength: 9 },
    ),
  })
  .map(({ homes, orders }) => [
    ...homes.map((states, index) =>
      states.map((state, turn) => (turn === 0 ? registered : moved)(CUSTOMERS[index] ?? '', state)),
    ),
    ...orders.map(({ customer, cents, currency, time, isCancelled }, index) => {
      const id = `o-${index}`
      const place = created(id, customer, (cents / 100).toFixed(2), { currency, time })
      return isCancelled ? [place, cancelled(id)] : [place]
    }),
  ])

/** Any order of all events that keeps the one within each history. */
function interleaved(all: PastEvent[][], choices: number[]): PastEvent[] {
  const rest = all.map((events) => [...events])
  const result: PastEvent[] = []
  for (let turn = 0; ; turn++) {
    const open = rest.filter(({ length }) => length > 0)
    const next = open[(choices[turn % choices.length] ?? 0) % open.length]?.shift()
    if (!next) return result
    result.push(next)
  }
}

const choices = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 30 })

it('make the same rows of every interleaving, those of an independent computation', async () => {
  await fc.assert(
    fc.asyncProperty(histories, choices, choices, async (all, one, other) => {
      const first = await applied(interleaved(all, one))
      const { summary, sales } = expectedSales(all.flat())
      expect(first.summary).toEqual(summary)
      expect(first.sales).toEqual(sales)
      expect(await applied(interleaved(all, other))).toEqual(first)
    }),
    { numRuns: 60 },
  )
})

it('come out of the engine the same live, and from a replay of both streams', async () => {
  const live = await openSpace(stack())
  await Promise.all([live.log('ORDERS', order), live.log('CUSTOMERS', customer)])
  const projections = await live.start(definitions, { batchSize: 3 })
  const past: PastEvent[] = []
  const homes = new Set<string>()
  for (let turn = 0; turn < 40; turn++) {
    const id = `c-${turn % 7}`
    const events = [created(`o-${turn}`, id, `${turn}.25`)]
    if (turn % 3 === 0) events.push(cancelled(`o-${turn}`))
    // The first orders of all are placed before; c-6 never registers.
    if (turn % 5 === 4 && id !== 'c-6') {
      events.push((homes.has(id) ? moved : registered)(id, STATES[turn % 4] ?? ''))
      homes.add(id)
    }
    for (const event of events) {
      await live.commit(event.aggregate, event.id, event)
      // The time that `commit` gives every event.
      past.push({ ...event, time: '2026-01-31T10:00:00.000Z' })
    }
  }
  const expected = expectedSales(past)
  const caughtUp = (running: typeof projections) =>
    eventually('both projections to catch up', () =>
      definitions.every(({ name }) => {
        const { eventsApplied, lagEvents } = running.of(name)
        return lagEvents === 0 && eventsApplied >= past.length
      }),
    )
  await caughtUp(projections)
  expect(await live.rows(SUMMARY())).toEqual(expected.summary)
  expect(await live.rows(SALES())).toEqual(expected.sales)
  await projections.stop()

  const replay = await openSpace(stack(), { namespace: live.namespace })
  await Promise.all([replay.log('ORDERS', order), replay.log('CUSTOMERS', customer)])
  await caughtUp(await replay.start(definitions))
  expect(await replay.rows(SUMMARY())).toEqual(expected.summary)
  expect(await replay.rows(SALES())).toEqual(expected.sales)
})
