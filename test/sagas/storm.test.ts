import { expect, test } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { COMPLETED, addProducts, basket, openLogs, reservationOf, startHeadwater } from './checkouts.ts'

const CHECKOUTS = Number(process.env['HEADWATER_STORM_CHECKOUTS'] ?? 200)
const ROUNDS = Number(process.env['HEADWATER_STORM_ROUNDS'] ?? 1)
const isDeclined = (number: number) => number % 5 === 3

const stack = stackOfFile()

test(`while NATS and PostgreSQL are restarted under concurrent checkouts (${2 * ROUNDS} faults), a fifth of them declined, all totals are right`, async () => {
  const { nc } = stack()
  const services = await Promise.all([startHeadwater(stack()), startHeadwater(stack())])
  const sender = createNatsSender({ nc, namespace: 'hw', timeoutMs: 60_000 })
  await addProducts(sender)
  const logs = await openLogs(nc)
  const ends = new Map<string, string>()
  const ids: string[] = []
  const times: number[] = []

  async function look(): Promise<number> {
    for (const id of ids.filter((one) => !ends.has(one))) {
      const end = await logs.endOf(id).catch(() => undefined)
      if (end !== undefined) ends.set(id, end)
    }
    return ends.size
  }

  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now()
    const before = ends.size
    const starts = Array.from({ length: CHECKOUTS }, async (_, index) => {
      const id = `${isDeclined(index) ? 'declined' : 'fine'}-${round}-${index}`
      ids.push(id)
      const data = basket({ method: isDeclined(index) ? 'card-declined' : 'card-1' })
      const start = { aggregate: 'checkout', id, command: 'start', commandId: `start-${id}`, data }
      expect(await sender.send(start)).toMatchObject({ ok: true })
    })
    await until('the first ends', async () => (await look()) > before + CHECKOUTS / 20)
    const atNats = ends.size - before
    await stack().stopNats()
    await stack().startNats()
    await until('more ends', async () => (await look()) > Math.max(before + atNats, before + CHECKOUTS / 3))
    const atPostgres = ends.size - before
    await stack().crashPostgres()
    await stack().startPostgres()
    await Promise.all(starts)
    await until('all ends', async () => (await look()) === ids.length)
    times.push(Math.round(performance.now() - begin))
    console.log(
      `${CHECKOUTS} checkouts in ${times.at(-1)} ms; NATS was restarted after ${atNats} of them, PostgreSQL after ${atPostgres}`,
    )
  }

  const onShelves = new Map<string, string[]>()
  for (const sku of ['tea', 'pot']) {
    let left = 0
    for (const event of await logs.eventsOf('product', sku)) {
      const key = `${sku} ${reservationOf(event)}`
      const name = event.type.slice('product.'.length)
      onShelves.set(key, [...(onShelves.get(key) ?? []), name])
      if (name === 'reserved') left++
      if (name === 'released') left--
    }
    // One piece for each that was paid.
    expect([sku, left]).toEqual([sku, ids.filter((id) => id.startsWith('fine')).length])
  }
  for (const id of ids) {
    const of = async (aggregate: string) =>
      (await logs.eventsOf(aggregate, id)).map(({ type }) => type.split('.')[1] ?? '')
    const traces = {
      order: await of('order'),
      payment: await of('payment'),
      shipment: await of('shipment'),
      tea: onShelves.get(`tea ${id}`),
      pot: onShelves.get(`pot ${id}`),
    }
    if (id.startsWith('fine')) expect([id, ends.get(id), traces]).toEqual([id, 'completed', COMPLETED])
    else {
      const undone = ['reserved', 'released']
      const order = ['created', 'cancelled']
      // One of which nobody knew whether it was authorized is voided.
      const payment = traces.payment.filter((one) => one !== 'voided')
      expect([id, ends.get(id), { ...traces, payment }]).toEqual([
        id,
        'compensated',
        { order, payment: [], shipment: [], tea: undone, pot: undone },
      ])
    }
  }
  for (const service of services) expect(service.process.exitCode).toBe(null)
}, 600_000)
