// docs/asyncapi.json against a service: what it really takes, answers, stores and publishes is what the document says.
import { jetstream } from '@nats-io/jetstream'
import { type NatsConnection, type MsgHdrs, connect, headers } from '@nats-io/transport-node'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

const Document = z.object({
  channels: z.record(
    z.string(),
    z.object({ address: z.string().nullable(), messages: z.record(z.string(), z.unknown()) }),
  ),
  components: z.object({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
    messages: z.record(
      z.string(),
      z.object({
        headers: z.record(z.string(), z.unknown()).optional(),
        payload: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
})
const text = readFileSync(new URL('../../docs/asyncapi.json', import.meta.url), 'utf8')
const { channels, components } = Document.parse(JSON.parse(text))

const ajv = new Ajv({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema({ $id: 'document', components: { schemas: components.schemas } })

/** What is wrong with a message, by the schemas of the document. */
function faults(name: string, { head, body }: { head?: MsgHdrs | undefined; body: unknown }): unknown[] {
  const message = components.messages[name]
  if (!message) return [`the document has no message ${name}`]
  const within = (schema: object) => JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'))
  const validate = (schema: object, value: unknown) => {
    const check = ajv.compile(within(schema))
    return check(value) ? [] : (check.errors ?? [])
  }
  const given = Object.fromEntries((head?.keys() ?? []).map((key) => [key, head?.get(key) ?? '']))
  return [
    ...validate(message.payload, body),
    ...(message.headers && head ? validate(message.headers, given) : []),
  ]
}

/** The channel whose address the subject has. */
function channelOf(subject: string): string {
  const found = Object.entries(channels).find(([, { address }]) => {
    const pattern = address?.replaceAll('.', '\\.').replace('{id}', '[A-Za-z0-9_-]+')
    return pattern !== undefined && new RegExp(`^${pattern}$`).test(subject)
  })
  return found?.[0] ?? `none for ${subject}`
}

let service: Awaited<ReturnType<typeof startTestService>>
let nc: NatsConnection

beforeAll(async () => {
  service = await startTestService()
  nc = await connect({ servers: service.endpoints.nats })
})
afterAll(async () => {
  await nc.close()
  await service.stop()
})

const LINES: [subject: string, data: unknown][] = [
  ['hw.cmd.customer.c-1.register', { city: 'Porto', state: 'PT', postalCode: '4000' }],
  ['hw.cmd.product.tea.add', { name: 'Sencha', price: '4.50', currency: 'EUR', stock: 9 }],
  ['hw.cmd.account.a-1.open', { owner: 'c-1', currency: 'EUR' }],
  ['hw.cmd.account.a-2.open', { owner: 'c-2', currency: 'EUR' }],
  ['hw.cmd.account.a-1.deposit', { amount: '10.00' }],
  ['hw.cmd.account.a-1.transfer', { to: 'a-2', amount: '4.00' }],
  [
    'hw.cmd.checkout.c-1.start',
    {
      customerId: 'c-1',
      currency: 'EUR',
      items: [{ sku: 'tea', quantity: 2, unitPrice: '4.50' }],
      method: 'card',
      address: { city: 'Porto', postalCode: '4000-001', country: 'PT' },
    },
  ],
]

describe('docs/asyncapi.json', () => {
  it('has schemas that a validator takes, all of them', () => {
    for (const name of Object.keys(components.schemas)) {
      expect(() => ajv.compile({ $ref: `document#/components/schemas/${name}` }), name).not.toThrow()
    }
  })

  it('tells commands and their replies', async () => {
    for (const [subject, data] of LINES) {
      expect(faults(channelOf(subject), { body: data })).toEqual([])
      const head = headers()
      if (subject.includes('.checkout.')) head.set('Wait', 'completed')
      const reply = await nc.request(subject, JSON.stringify(data), { timeout: 30_000, headers: head })
      const body = reply.json<{ ok: boolean }>()
      expect(body, subject).toMatchObject({ ok: true })
      expect(faults('accepted', { body, head: reply.headers })).toEqual([])
    }
  })

  it('tells refusals', async () => {
    for (const [subject, data] of [
      ['hw.cmd.order.o-9.confirm', {}],
      ['hw.cmd.order.o-9.create', { customerId: 7 }],
      ['hw.cmd.nothing.o-9.create', {}],
    ] as const) {
      const reply = await nc.request(subject, JSON.stringify(data), { timeout: 30_000 })
      const body = reply.json<{ ok: boolean }>()
      expect(body).toMatchObject({ ok: false })
      expect(faults('refused', { body, head: reply.headers })).toEqual([])
      // What is no refusal is not taken for one, so the check means something.
      expect(faults('accepted', { body, head: reply.headers })).not.toEqual([])
    }
  })

  it.each([
    ['ORDERS', 2],
    ['CUSTOMERS', 1],
    ['INVENTORY', 2],
    ['LEDGER', 3],
    ['PAYMENTS', 2],
    ['SHIPPING', 1],
    ['SAGAS', 5],
    ['FEED', 9],
  ])('tells what is in the stream %s', async (stream, least) => {
    const consumer = await jetstream(nc).consumers.get(stream)
    const count = await until(`${least} messages`, async () => {
      const { num_pending: there } = await consumer.info()
      return there >= least && there
    })
    const messages = await consumer.fetch({ max_messages: count, expires: 30_000 })
    const seen: { subject: string; wrong: unknown[] }[] = []
    for await (const message of messages) {
      const { subject, headers: head } = message
      seen.push({ subject, wrong: faults(channelOf(subject), { head, body: message.json() }) })
    }
    expect(seen.length).toBe(count)
    expect(seen.filter(({ wrong }) => wrong.length > 0)).toEqual([])
  })
})
