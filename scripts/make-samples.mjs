// Writes samples/orders.ndjson: the life of 150 made-up orders over a month, as `headwater send` reads it, and
// samples/inventory.ndjson: the stock that the first 40 of them are served from. Always the same: a small generator of its
// own takes the place of chance. Some commands are impossible on purpose (an order without items, cancelling what has
// shipped, shipping what was never confirmed; reserving what is sold out), as in any real history.
import { writeFileSync } from 'node:fs'

let seed = 20260101
/** A whole number from 0 to below `limit`: a linear congruential generator (Numerical Recipes' constants). */
function pick(limit) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return Math.floor((seed / 2 ** 32) * limit)
}
const oneOf = (list) => list[pick(list.length)]
const money = (cents) => (cents / 100).toFixed(2)

const CITIES = [
  ['Lisbon', 'LX', '1100'],
  ['Porto', 'PT', '4000'],
  ['Coimbra', 'CB', '3000'],
  ['Braga', 'BR', '4700'],
  ['Faro', 'FA', '8000'],
]
const GOODS = [
  ['tea-sencha', 890],
  ['tea-assam', 640],
  ['cup-blue', 1250],
  ['kettle-1l', 4900],
  ['honey-500g', 775],
  ['scale-pocket', 1999],
]
const START = Date.UTC(2026, 0, 1, 8)
const HOUR = 3_600_000

const lines = []
const registered = new Set()
const add = (at, aggregate, id, command, data) =>
  lines.push({
    at,
    line: {
      aggregate,
      id,
      command,
      data,
      commandId: `${id}-${command}`,
      occurredAt: new Date(at).toISOString(),
    },
  })

for (let n = 1; n <= 150; n++) {
  const id = `order-${String(n).padStart(4, '0')}`
  const customer = `customer-${String(1 + pick(90)).padStart(3, '0')}`
  const [city, state, postalCode] = oneOf(CITIES)
  let at = START + n * 5 * HOUR + pick(HOUR)
  if (!registered.has(customer)) add(at - HOUR, 'customer', customer, 'register', { city, state, postalCode })
  registered.add(customer)
  const goods = GOODS.filter(() => pick(3) === 0)
  const items = goods.map(([sku, price]) => ({ sku, quantity: 1 + pick(3), unitPrice: money(price) }))
  add(at, 'order', id, 'create', {
    customerId: customer,
    currency: 'EUR',
    items,
    shippingCost: money(390 + pick(400)),
  })
  const step = (command, data) => add((at += (1 + pick(30)) * HOUR), 'order', id, command, data)
  const fate = pick(20)
  if (fate === 0) step('cancel', { reason: 'changed my mind' })
  if (fate > 1) step('confirm', {})
  if (fate > 3 || fate === 1) step('ship', { carrier: 'CTT', trackingNumber: `CTT${100000 + pick(900000)}` })
  if (fate > 5) step('deliver', {})
  if (fate === 6) step('cancel', { reason: 'too late for that' })
}

const write = (name, timed) => {
  const sorted = timed.toSorted((a, b) => a.at - b.at)
  const file = new URL(`../samples/${name}`, import.meta.url)
  writeFileSync(file, sorted.map(({ line }) => `${JSON.stringify(line)}\n`).join(''))
}
write('orders.ndjson', lines)

const NAMES = ['Sencha', 'Assam', 'Blue cup', 'Kettle, one litre', 'Honey, 500 g', 'Pocket scale']
const stock = GOODS.map(([sku, price], index) => {
  // There is one of all that nobody sends more of: it sells out.
  const isScarce = sku === 'honey-500g'
  const product = { name: NAMES[index], price: money(price), currency: 'EUR', stock: isScarce ? 8 : 15 }
  return { sku, product, isScarce }
})
const moves = []
const move = (at, sku, command, data, key) =>
  moves.push({
    at,
    line: {
      aggregate: 'product',
      id: sku,
      command,
      data,
      commandId: `${sku}-${key}`,
      occurredAt: new Date(at).toISOString(),
    },
  })
for (const { sku, product, isScarce } of stock) {
  move(START, sku, 'add', product, 'add')
  if (!isScarce) move(START + 60 * HOUR, sku, 'receive', { quantity: 25 }, 'receive-1')
}
// An order's items are reserved when it is made, under its id, and leave the house or are free again with it.
const FOLLOWED_BY = { create: 'reserve', ship: 'ship-reserved', cancel: 'release' }
const itemsOf = new Map()
for (const { at, line } of lines.toSorted((a, b) => a.at - b.at)) {
  const command = FOLLOWED_BY[line.command]
  if (line.aggregate !== 'order' || line.id > 'order-0040' || !command) continue
  if (command === 'reserve') itemsOf.set(line.id, line.data.items)
  for (const { sku, quantity } of itemsOf.get(line.id)) {
    const reservation = { reservationId: line.id, ...(command === 'reserve' && { quantity }) }
    move(at, sku, command, reservation, `${line.id}-${command}`)
  }
}
write('inventory.ndjson', moves)
