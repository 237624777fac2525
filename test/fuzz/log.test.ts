import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Served, serveOn } from '../security/serve.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { expectGraphql, expectTyped } from './answers.ts'
import { runs } from './fuzzing.ts'
import { oddJson, oddNumber, oddText, oddValue } from './hostile.ts'
import { rawNats } from './raw-nats.ts'

const stack = stackOfFile()
let service: Served
beforeAll(async () => {
  service = await serveOn(stack(), {
    overrides: { projections: { retryMaxMs: 50, parkAttempts: 1 }, feed: { enabled: true } },
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

async function read(id: string) {
  const response = await fetch(service.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: READ, variables: { id } }),
  })
  return expectGraphql(await response.text())
}

/** What is of nobody else’s doing is taken, told and projected as ever. */
async function expectUnharmed(): Promise<void> {
  const id = `well${Math.random().toString(36).slice(2)}`
  const data = { customerId: 'c-1', currency: 'EUR', items: [{ sku: 'tea', quantity: 1, unitPrice: '4.50' }] }
  const reply = await service.sender.send({ aggregate: 'order', id, command: 'create', data })
  expect(reply.ok).toBe(true)
  await until(`order ${id} in its projection`, async () => {
    const response = await fetch(service.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'query ($id: ID!) { order(id: $id) { id } }', variables: { id } }),
    })
    return (await response.text()).includes(`"id":"${id}"`)
  })
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
    const ready = await fetch(`${service.origin}/health/ready`)
    const text = await ready.text()
    expect(JSON.parse(text)).toMatchObject({ status: expect.stringMatching(/^(up|degraded)$/) })
    expect(text).not.toMatch(/127\.0\.0\.1|postgres:|\/src\//)
  })

  it('stops no follower: what is written into the feed, the sagas and the timers', async () => {
    const raw = await rawNats(stack().natsUrl)
    const { namespace } = service
    const streams = fc.constantFrom(
      `${namespace}.evt.saga.x-1`,
      `${namespace}.evt.checkout.x-1`,
      `${namespace}.feed.order.created.x-1`,
      `${namespace}.saga.checkout.x-1`,
      `${namespace}.timer.due.checkout.x-1.a`,
    )
    await fc.assert(
      fc.asyncProperty(streams, message, async (subject, { head, body: bytes }) => {
        await raw.request(subject, Buffer.from(head), bytes, 5000)
      }),
      runs(40),
    )
    await expectUnharmed()
  })
})
