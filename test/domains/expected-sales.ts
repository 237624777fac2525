import { z } from 'zod'

// What the two projections over several streams have to come to, by loops that share no code with Headwater and look at one
// aggregate's history after the other: there is no order between aggregates here that a result could depend on.

export interface PastEvent {
  aggregate: string
  id: string
  type: string
  time: string
  data: unknown
}

export interface SummaryRow {
  id: string
  registered: boolean
  city: string | null
  state: string | null
  postal_code: string | null
  orders_placed: number
  orders_cancelled: number
  lifetime_value: Record<string, string>
  last_order_at: string | null
}

export interface SalesRow {
  day: string
  state: string
  currency: string
  orders: number
  revenue: string
  cancelled: number
}

const Created = z.object({ customerId: z.string(), currency: z.string(), total: z.string() })
const Address = z.object({ city: z.string(), state: z.string(), postalCode: z.string() })

interface Order extends z.output<typeof Created> {
  time: string
  cancelled: boolean
}

/** The rows of both tables, sorted as `SUMMARY` and `SALES` read them. The events of an aggregate have to be in order. */
export function expectedSales(events: PastEvent[]): { summary: SummaryRow[]; sales: SalesRow[] } {
  const orders = new Map<string, Order>()
  const addresses = new Map<string, z.output<typeof Address>>()
  for (const { id, type, time, data } of events) {
    if (type === 'order.created') orders.set(id, { ...Created.parse(data), time, cancelled: false })
    if (type === 'customer.registered' || type === 'customer.address_changed')
      addresses.set(id, Address.parse(data))
    const order = orders.get(id)
    if (type === 'order.cancelled' && order) order.cancelled = true
  }
  const all = [...orders.values()]

  const ids = new Set([...addresses.keys(), ...all.map(({ customerId }) => customerId)])
  const summary = [...ids].toSorted(byCodePoint).map((id) => {
    const own = all.filter(({ customerId }) => customerId === id)
    const address = addresses.get(id)
    const times = own.map(({ time }) => new Date(time).toISOString())
    return {
      id,
      registered: address !== undefined,
      city: address?.city ?? null,
      state: address?.state ?? null,
      postal_code: address?.postalCode ?? null,
      orders_placed: own.length,
      orders_cancelled: own.filter(({ cancelled }) => cancelled).length,
      lifetime_value: Object.fromEntries(
        [...Map.groupBy(own, ({ currency }) => currency)].map(([currency, some]) => [
          currency,
          revenueOf(some),
        ]),
      ),
      last_order_at: times.toSorted(byCodePoint).at(-1) ?? null,
    }
  })

  const cells = Map.groupBy(all, ({ time, customerId, currency }) =>
    JSON.stringify([
      new Date(time).toISOString().slice(0, 10),
      addresses.get(customerId)?.state ?? '',
      currency,
    ]),
  )
  const sales = [...cells]
    .map(([key, some]) => {
      const [day = '', state = '', currency = '']: string[] = JSON.parse(key)
      const cancelled = some.filter((order) => order.cancelled).length
      return { day, state, currency, orders: some.length, revenue: revenueOf(some), cancelled }
    })
    .toSorted((a, b) => byCodePoint(a.day + a.state, b.day + b.state) || byCodePoint(a.currency, b.currency))
  return { summary, sales }
}

function revenueOf(orders: Order[]): string {
  const cents = orders.reduce(
    (sum, { total, cancelled }) => (cancelled ? sum : sum + BigInt(total.replace('.', ''))),
    0n,
  )
  return `${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`
}

const byCodePoint = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Reads the rows of a customer summary's table in the form of `SummaryRow`, whatever connection it is read over. */
export const SUMMARY = (table = 'tb_customer_summary_projection') => `
  select id, registered, city, state, postal_code, orders_placed::integer, orders_cancelled::integer, lifetime_value,
    to_char(last_order_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_order_at
  from ${table} order by id collate "C"`

/** The same for the daily sales. */
export const SALES = (table = 'tb_daily_sales_projection') => `
  select day::text, state, currency, orders::integer, revenue::text, cancelled::integer
  from ${table} t order by t.day, t.state, t.currency`
