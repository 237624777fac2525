import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineContext, defineSaga } from '../../src/index.ts'
import { type Served, serveOn } from '../security/serve.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { expectGraphql, expectTyped, untilReady } from './answers.ts'
import { runs } from './fuzzing.ts'
import { oddJson, oddNumber, oddText, oddValue } from './hostile.ts'
import { rawNats } from './raw-nats.ts'

const stack = stackOfFile()

/** Nobody decides, so that it ends when its timer is due. */
const nap = defineSaga({
  name: 'nap',
  input: z.object({}),
  steps: [{ name: 'sleep', decision: z.object({}), timeoutMs: 1000 }],
})
let service: Served
beforeAll(async () => {
  service = await serveOn(stack(), {
    overrides: { projections: { retryMaxMs: 50, parkAttempts: 1 }, feed: { enabled: true } },
    contexts: [defineContext({ name: 'naps', sagas: [nap] })],
    untilTestEnds: false,
  })
}, 60_000)
afterAll(async () => {
  await service?.stop()
}, 60_000)

const known = fc.constantFrom(
  'order.created',
  'order.confirmed',
  'order.shipped',
  'customer.registered',
  'product.received',
  'payment.authorized',
  'shipment.created',
  'account.opened',
  'checkout.started',
  'checkout.step.done',
)
/** An event as another program may write it: each attribute right, odd, or not there. */
const event = fc.record(
  {
    specversion: fc.constantFrom('1.0', '9'),
    id: fc.oneof({ weight: 4, arbitrary: fc.uuid() }, oddValue),
    source: fc.oneof(fc.constant('/t/foreign'), oddText),
    type: fc.oneof({ weight: 6, arbitrary: known }, oddText),
    subject: oddText,
    time: fc.oneof(
      { weight: 4, arbitrary: fc.constant('2026-01-31T10:00:00.000Z') },
      fc.constantFrom('', 'yesterday', '+275760-09-13T00:00:00.000Z', '2026-02-31T25:61:00Z'),
      oddText,
    ),
    datacontenttype: fc.constantFrom('application/json', 'text/plain'),
    sequence: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(1, 2, 3) }, oddNumber),
    dataversion: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, oddNumber, oddText),
    correlationid: fc.oneof(fc.constant('c'), oddValue),
    causationid: fc.oneof(fc.constant('c'), oddValue),
    commandid: fc.oneof(fc.constant('c'), oddValue),
    data: oddValue,
  },
  { requiredKeys: ['id', 'type', 'sequence', 'time', 'data'] },
)
const body = fc.oneof(
  { weight: 5, arbitrary: fc.array(event, { minLength: 1, maxLength: 3 }).map((all) => JSON.stringify(all)) },
  { weight: 1, arbitrary: oddJson },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
)
const AGGREGATES = ['order', 'customer', 'product', 'payment', 'shipment', 'account', 'checkout'] as const
const message = fc.record({
  aggregate: fc.constantFrom(...AGGREGATES),
  id: fc.constantFrom('x-1', 'x-2', 'x-3', 'x-4', 'x-5', 'x-6'),
  head: fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    fc.constantFrom(
      'Nats-Expected-Stream: OTHER\r\n',
      'a b\u0001: c\r\n',
      'Nats-Msg-Id: \u0000\r\n',
      ': nothing\r\n',
      'Content-Type: text/plain\r\nContent-Type: text/html\r\n',
    ),
  ),
  body: body.map((one) => Buffer.from(one)),
})

/** Asks for all that reads what was written. */
const READ = `query ($id: ID!) {
  order(id: $id) { id status version total statusHistory { status at version } allEvents(first: 50) { nodes { id type version time data } } }
  early: order(id: $id, asOfVersion: 1) { id status }
  then: order(id: $id, asOf: "2026-02-01T00:00:00Z") { id status }
  customer(id: $id) { id allEvents { nodes { type data } } }
  product(id: $id) { id allEvents { nodes { type data } } }
  orders { nodes { id status total statusHistory { status at } } }
}`

async function post(query: string, variables: object): Promise<string> {
  const response = await fetch(service.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return await response.text()
}

const read = async (id: string) => expectGraphql(await post(READ, { id }))

/** What is of nobody else’s doing is taken, told and projected as ever. */
async function expectUnharmed(): Promise<void> {
  const id = `well${Math.random().toString(36).slice(2)}`
  const data = { customerId: 'c-1', currency: 'EUR', items: [{ sku: 'tea', quantity: 1, unitPrice: '4.50' }] }
  const reply = await service.sender.send({ aggregate: 'order', id, command: 'create', data })
  expect(reply.ok).toBe(true)
  await until(`order ${id} in its projection`, async () =>
    (await post('query ($id: ID!) { order(id: $id) { id } }', { id })).includes(`"id":"${id}"`),
  )
}

/** Where followers read: the logs of sagas, what is due, what is to be due, and what is public. */
const FOLLOWED = [
  'evt.checkout.ID',
  'evt.nap.ID',
  'timer.due.checkout.ID.a',
  'timer.due.nap.ID.wait-0',
  'timer.set.checkout.ID.a',
  'feed.order.created.ID',
] as const

/** What a saga might have set, for one that there is not, or that has another step. */
const ownTimer = fc.option(
  fc
    .record(
      {
        timer: fc.constantFrom('deadline', 'wait', 'retry', 'commit', 'other'),
        step: fc.oneof(fc.constantFrom(0, 1, 'create-order'), oddValue),
        way: fc.constantFrom('invoke', 'compensate'),
        attempt: fc.constantFrom(0, 1, 99),
        sequence: fc.oneof(fc.constantFrom(1, 1_000_000), oddNumber),
      },
      { requiredKeys: ['timer'] },
    )
    .map((timer) => JSON.stringify(timer)),
  { nil: undefined },
)

const CHECKOUT = `mutation ($id: ID!, $input: CheckoutInput!) {
  checkout(id: $id, input: $input, wait: true) { saga { status } }
}`

/** A saga comes to its end, another one by the timer that wakes it, and what others may know of it is in the feed. */
async function expectFollowed(): Promise<void> {
  const id = `kept${Math.random().toString(36).slice(2)}`
  const product = { name: 'Sencha', price: '4.50', currency: 'EUR', stock: 10 }
  expect((await service.sender.send({ aggregate: 'product', id, command: 'add', data: product })).ok).toBe(
    true,
  )
  const address = { name: 'Ana', street: 'Rua 1', city: 'Porto', postalCode: '4000-001', country: 'PT' }
  const items = [{ sku: id, quantity: 1, unitPrice: '4.50' }]
  const input = { customerId: 'c-1', currency: 'EUR', items, shippingCost: '2.00', method: 'card', address }
  const start = { aggregate: 'nap', id, command: 'start', data: {} }
  const [checkout, nap] = await Promise.all([post(CHECKOUT, { id, input }), service.sender.send(start)])
  expect(expectGraphql(checkout)).toMatchObject({ data: { checkout: { saga: { status: 'COMPLETED' } } } })
  expect(nap.ok).toBe(true)
  await until(`the timer of nap ${id}`, async () =>
    (await post('query ($id: ID!) { saga(id: $id, name: "nap") { status } }', { id })).includes(
      '"COMPENSATED"',
    ),
  )
  const nc = await connect({ servers: stack().natsUrl })
  onTestFinished(() => nc.close())
  const jsm = await jetstreamManager(nc)
  const subject = `${service.namespace}.feed.order.created.${id}`
  const stream = await jsm.streams.find(subject)
  const message = await until(`${subject} in the feed`, async () => {
    const found = await jsm.streams.getMessage(stream, { last_by_subj: subject })
    return found ?? undefined
  })
  expect(message.json()).toMatchObject({ customerId: 'c-1', items: [{ sku: id }] })
}

describe('whatever another program writes into the logs', () => {
  it('stops no projection, no reader and no command', async () => {
    const raw = await rawNats(stack().natsUrl)
    let written = 0
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 8, maxLength: 8 }), async (messages) => {
        for (const { aggregate, id, head, body: bytes } of messages) {
          const subject = `${service.namespace}.evt.${aggregate}.${id}`
          const ack = await raw.request(subject, Buffer.from(head), bytes)
          if (ack?.includes('"seq"')) written++
        }
        await Promise.all(['x-1', 'x-3', 'x-5'].map(read))
        const commands = messages.slice(0, 4).map(async ({ aggregate, id }) => {
          const command = aggregate === 'order' ? 'confirm' : aggregate === 'account' ? 'open' : 'register'
          const path = `${service.namespace}.cmd.${aggregate}.${id}.${command}`
          expectTyped(await raw.request(path, Buffer.alloc(0), Buffer.from('{}')))
        })
        await Promise.all(commands)
      }),
      runs(18),
    )
    expect(written).toBeGreaterThan(70)
    await expectUnharmed()
    const text = await untilReady(service.origin)
    expect(JSON.parse(text)).toMatchObject({ status: expect.stringMatching(/^(up|degraded)$/) })
    expect(text).not.toMatch(/127\.0\.0\.1|postgres:|\/src\//)
  })

  it('stops no follower: what is written into the feed, the sagas and the timers', async () => {
    const raw = await rawNats(stack().natsUrl)
    const { namespace } = service
    const stored = new Map(FOLLOWED.map((place) => [place, 0]))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FOLLOWED),
        message,
        ownTimer,
        async (place, { id, head, body: bytes }, timer) => {
          const content = place.startsWith('timer') && timer !== undefined ? Buffer.from(timer) : bytes
          const ack = await raw.request(`${namespace}.${place.replace('ID', id)}`, Buffer.from(head), content)
          if (head.startsWith('Nats-Expected-Stream')) expect(ack).toContain('"error"')
          else expect(ack, `${place} ${JSON.stringify(head)}`).toMatch(/"seq": ?\d/)
          if (ack?.includes('"seq"')) stored.set(place, (stored.get(place) ?? 0) + 1)
        },
      ),
      runs(60),
    )
    for (const [place, count] of stored) expect(count, place).toBeGreaterThan(3)
    await expectUnharmed()
    await expectFollowed()
  })
})
