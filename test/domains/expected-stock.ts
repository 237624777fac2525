import { z } from 'zod'
import type { PastEvent } from './expected-sales.ts'

// What the table of products has to come to, by sums over each history that share no code with Headwater.

const Added = z.object({ name: z.string(), price: z.string(), currency: z.string(), stock: z.number() })
const Quantity = z.object({ quantity: z.number() })
const Reserved = z.object({ reservationId: z.string(), quantity: z.number() })

/** Numbers and times as they are here; the order of the columns does not matter. */
export const STOCK = `select id, name, price::text, currency, stock, available, reserved, reservations,
  to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
  to_char(updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as updated_at, version::int
  from tb_product_projection order by id collate "C"`

/** The rows as `STOCK` reads them. The events of a product have to be in order. */
export function expectedStock(events: readonly PastEvent[]) {
  const histories = Map.groupBy(events, ({ id }) => id)
  const ids = [...histories.keys()].toSorted((one, other) => (one < other ? -1 : 1))
  return ids.map((id) => expectedProduct(id, histories.get(id) ?? []))
}

function expectedProduct(id: string, history: readonly PastEvent[]) {
  const of = (type: string) => history.filter((event) => event.type === `product.${type}`)
  const sum = (type: string) => of(type).reduce((total, { data }) => total + Quantity.parse(data).quantity, 0)
  const over = new Set(
    [...of('released'), ...of('shipped')].map(({ data }) => Reserved.parse(data).reservationId),
  )
  const made = of('reserved').map(({ data }) => Reserved.parse(data))
  const { stock: first, ...product } = Added.parse(of('added')[0]?.data)
  const stock = first + sum('received') - sum('shipped')
  const reserved = sum('reserved') - sum('released') - sum('shipped')
  return {
    id,
    ...product,
    stock,
    available: stock - reserved,
    reserved,
    reservations: made.filter(({ reservationId }) => !over.has(reservationId)),
    created_at: history[0]?.time,
    updated_at: history.at(-1)?.time,
    version: history.length,
  }
}
