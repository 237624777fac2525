import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { z } from 'zod'

const STREAMS = ['PURCHASES', 'ORDERS', 'INVENTORY', 'PAYMENTS', 'SHIPPING']

const Commit = z.array(z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) }))
type Event = z.output<typeof Commit>[number]

/** All that is in the logs of the commerce contexts, by `<aggregate>.<id>`: read from the streams, with nothing of Headwater's. */
export async function readLogs(nc: NatsConnection): Promise<Map<string, Event[]>> {
  const logs = new Map<string, Event[]>()
  for (const stream of STREAMS) {
    const consumer = await jetstream(nc, { timeout: 50_000 }).consumers.get(stream)
    const { num_pending: count } = await consumer.info()
    if (count > 0)
      for await (const message of await consumer.fetch({ max_messages: count, expires: 50_000 })) {
        const key = message.subject.split('.').slice(2).join('.')
        logs.set(key, [...(logs.get(key) ?? []), ...Commit.parse(message.json())])
      }
    // Whoever waits for something reads them dozens of times, and the server would keep each consumer for minutes.
    await consumer.delete()
  }
  return logs
}

/** How far a purchase has come: what its last event says. */
export const endOf = (logs: Map<string, Event[]>, id: string): string | undefined =>
  logs.get(`purchase.${id}`)?.at(-1)?.type

/**
 * What does not add up, of purchases that have ended and of the stock and the money as a whole: empty when each is done completely,
 * once, or undone completely.
 */
export function audit(logs: Map<string, Event[]>, ids: readonly string[]): string[] {
  const problems: string[] = []
  const held = new Map<string, number>()
  for (const id of ids) {
    const types = (aggregate: string) =>
      (logs.get(`${aggregate}.purchase-${id}`) ?? []).map(({ type }) => type)
    const has = (aggregate: string, ...expected: string[]) => {
      if (String(types(aggregate)) !== String(expected))
        problems.push(`${id}: ${aggregate} has ${types(aggregate).join(' ')}`)
    }
    const own = logs.get(`purchase.${id}`) ?? []
    if (endOf(logs, id) === 'purchase.completed') {
      has('order', 'order.created', 'order.confirmed')
      has('payment', 'payment.authorized', 'payment.captured')
      has('shipment', 'shipment.created')
      for (const { type, data } of own) {
        if (type !== 'purchase.item_reserved') continue
        held.set(`${String(data['sku'])} purchase-${id}`, Number(data['quantity']))
      }
      const [authorized] = logs.get(`payment.purchase-${id}`) ?? []
      const total = own[0]?.data['total']
      if (authorized?.data['amount'] !== total)
        problems.push(`${id}: paid ${String(authorized?.data['amount'])}, not ${String(total)}`)
    } else if (endOf(logs, id) === 'purchase.failed') {
      if (own.filter(({ type }) => type === 'purchase.failed').length !== 1)
        problems.push(`${id} failed twice`)
      const last = (aggregate: string) => types(aggregate).at(-1)
      if (last('order') !== 'order.cancelled') problems.push(`${id}: the order ends with ${last('order')}`)
      problems.push(...moneyProblems(id, logs.get(`payment.purchase-${id}`) ?? []))
      if (last('shipment') !== 'shipment.cancelled')
        problems.push(`${id}: the shipment ends with ${last('shipment')}`)
    } else problems.push(`${id} has come to ${endOf(logs, id)}`)
  }
  return [...problems, ...stockProblems(logs, held)]
}

/** Of a purchase that has failed nothing is held, and what was taken has gone back, once. */
function moneyProblems(id: string, events: Event[]): string[] {
  const amounts = (type: string) =>
    events.flatMap((event) => (event.type === type ? [event.data['amount']] : []))
  const [taken, back] = [amounts('payment.captured'), amounts('payment.refunded')]
  if (String(taken) !== String(back))
    return [`${id}: ${String(taken)} was taken, and ${String(back)} went back`]
  return taken.length > 0 || events.at(-1)?.type === 'payment.voided'
    ? []
    : [`${id}: the payment ends with ${events.at(-1)?.type}`]
}

/** What is set aside has to be what the completed purchases have, and never more than there is. */
function stockProblems(logs: Map<string, Event[]>, held: ReadonlyMap<string, number>): string[] {
  const problems: string[] = []
  const open = new Map<string, number>()
  for (const [key, events] of logs) {
    if (!key.startsWith('product.')) continue
    const sku = key.slice('product.'.length)
    let [stock, reserved] = [0, 0]
    for (const { type, data } of events) {
      const place = `${sku} ${String(data['reservationId'])}`
      const quantity = Number(data['quantity'])
      if (type === 'product.added') stock = Number(data['stock'])
      if (type === 'product.reserved') {
        reserved += quantity
        if (open.has(place)) problems.push(`${place} is reserved twice`)
        open.set(place, quantity)
      }
      if (type === 'product.released') {
        reserved -= quantity
        open.delete(place)
      }
      if (reserved > stock || reserved < 0) problems.push(`${sku}: ${reserved} of ${stock} are reserved`)
    }
  }
  for (const place of new Set([...open.keys(), ...held.keys()])) {
    if (open.get(place) !== held.get(place))
      problems.push(`${place}: ${open.get(place) ?? 0} are reserved, and ${held.get(place) ?? 0} bought`)
  }
  return problems
}
