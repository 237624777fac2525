// What another program sees: nothing of Headwater is imported for reading, only a NATS client.
import { jetstream } from '@nats-io/jetstream'
import { type NatsConnection, connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { customers, orders } from '../../src/domains/index.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

let service: Awaited<ReturnType<typeof startTestService>>
let nc: NatsConnection

beforeAll(async () => {
  service = await startTestService({ contexts: [orders, customers] })
  nc = await connect({ servers: service.endpoints.nats })
})
afterAll(async () => {
  await nc.close()
  await service.stop()
})

const order = {
  customerId: 'c-1',
  currency: 'EUR',
  items: [{ sku: 'tea', quantity: 2, unitPrice: '4.50' }],
}

async function send(subject: string, data: unknown) {
  const reply = await nc.request(subject, JSON.stringify(data), { timeout: 10_000 })
  return reply.json<{ ok: boolean; events: { id: string }[] }>()
}

it('a bare client hears of an order by its type, with CloudEvents headers and the data as the body', async () => {
  const heard: { subject: string; body: unknown; head: Record<string, string> }[] = []
  nc.subscribe('hw.feed.order.created.>', {
    callback(_, message) {
      const names = message.headers?.keys() ?? []
      const head = Object.fromEntries(names.map((name) => [name, message.headers?.get(name) ?? '']))
      heard.push({ subject: message.subject, body: message.json(), head })
    },
  })
  await nc.flush()
  const created = await send('hw.cmd.order.o-1.create', order)
  await send('hw.cmd.order.o-1.confirm', {})
  const [one] = await until('the event to be heard', async () => heard.length > 0 && heard)
  expect(one).toEqual({
    subject: 'hw.feed.order.created.o-1',
    body: { ...order, shippingCost: '0.00', total: '9.00' },
    head: {
      'Content-Type': 'application/json',
      'Nats-Msg-Id': created.events[0]?.id,
      'ce-specversion': '1.0',
      'ce-id': created.events[0]?.id,
      'ce-source': '/hw/orders/order',
      'ce-type': 'order.created',
      'ce-subject': 'o-1',
      'ce-time': expect.stringMatching(/^\d{4}-.*Z$/),
      'ce-sequence': '1',
      'ce-dataversion': '1',
      'ce-correlationid': expect.any(String),
      'ce-causationid': expect.any(String),
      'Headwater-Position': 'ORDERS 1',
    },
  })
})

it('and finds what it has missed in the stream FEED', async () => {
  const consumer = await jetstream(nc).consumers.get('FEED', { filter_subjects: 'hw.feed.order.>' })
  await until('both events to be there', async () => (await consumer.info()).num_pending >= 2)
  const messages = await consumer.fetch({ max_messages: 2, expires: 30_000 })
  const subjects: string[] = []
  for await (const message of messages) subjects.push(message.subject)
  expect(subjects).toEqual(['hw.feed.order.created.o-1', 'hw.feed.order.confirmed.o-1'])
})

it('of a customer it learns the state, and nothing that tells who that is', async () => {
  const heard: string[] = []
  nc.subscribe('hw.feed.customer.>', {
    callback: (_, message) => void heard.push(`${message.subject} ${message.string()}`),
  })
  await nc.flush()
  const person = { name: 'Ada', email: 'ada@example.org', city: 'London', state: 'LDN', postalCode: 'W1' }
  await send('hw.cmd.customer.c-1.register', person)
  await send('hw.cmd.customer.c-1.change-address', { city: 'Paris', state: 'IDF', postalCode: '75' })
  await until('both', async () => heard.length === 2)
  expect(heard).toEqual([
    'hw.feed.customer.registered.c-1 {"state":"LDN"}',
    'hw.feed.customer.moved.c-1 {"state":"IDF"}',
  ])
})
