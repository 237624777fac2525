import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { root, runCli } from '../support/child.ts'
import { query } from '../support/graphql.ts'
import { startTestService } from '../support/service.ts'
import { uniqueName } from '../support/stack.ts'
import { until } from '../support/until.ts'
import type { PastEvent } from './expected-sales.ts'
import { STOCK, expectedStock } from './expected-stock.ts'

type TestService = Awaited<ReturnType<typeof startTestService>>

// Two replicas on the same servers, whose commands race for the same pieces.
const namespace = uniqueName()
let one: TestService
let other: TestService

beforeAll(async () => {
  one = await startTestService({ overrides: { namespace } })
  const { nats, postgres } = one.endpoints
  other = await startTestService({
    overrides: { namespace, nats: { url: nats }, postgres: { url: postgres } },
  })
})
afterAll(async () => {
  await other.stop()
  await one.stop()
})

const tea = { name: 'Sencha', price: '8.90', currency: 'EUR' }
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i))

/** Sends as a client of its own does, which goes on while the service says 503. */
async function withSender<T>(use: (send: Send) => Promise<T>): Promise<T> {
  const nc = await connect({ servers: one.endpoints.nats })
  const sender = createNatsSender({ nc, namespace, timeoutMs: 50_000 })
  try {
    return await use((id, command, data) => sender.send({ aggregate: 'product', id, command, data }))
  } finally {
    await nc.close()
  }
}
type Send = (id: string, command: string, data: object) => ReturnType<Sender['send']>
type Sender = ReturnType<typeof createNatsSender>

/** Every event of the stream, as the raw messages have them, in order. */
async function rawEvents(): Promise<PastEvent[]> {
  const Raw = z.array(
    z.object({ type: z.string(), time: z.string(), sequence: z.number(), data: z.unknown() }),
  )
  const nc = await connect({ servers: one.endpoints.nats })
  const consumer = await jetstream(nc).consumers.get(`${namespace}_INVENTORY`)
  const { num_pending: count } = await consumer.info()
  const events: PastEvent[] = []
  for await (const message of await consumer.fetch({ max_messages: count, expires: 5000 })) {
    const [, , aggregate = '', id = ''] = message.subject.split('.')
    for (const { type, time, data } of Raw.parse(message.json()))
      events.push({ aggregate, id, type, time, data })
  }
  await nc.close()
  return events
}

async function rows(): Promise<unknown[]> {
  const client = new Client({ connectionString: one.endpoints.postgres })
  await client.connect()
  await client.query(`set search_path to ${one.config.postgres.schema}`)
  const answer = await client.query(STOCK)
  await client.end()
  return answer.rows
}

describe('of twenty that want the last five pieces at once, through two replicas', () => {
  it('exactly five get one, and nobody a piece that is not there', async () => {
    const skus = times(10, (index) => `race-${index}`)
    await withSender(async (send) => {
      for (const sku of skus) await send(sku, 'add', { ...tea, stock: 5 })
      const answers = await Promise.all(
        skus.map((sku) =>
          Promise.all(times(20, (n) => send(sku, 'reserve', { reservationId: `r-${n}`, quantity: 1 }))),
        ),
      )
      for (const replies of answers) {
        expect(replies.filter(({ ok }) => ok)).toHaveLength(5)
        const refused = replies.filter((reply) => !reply.ok)
        expect(refused).toHaveLength(15)
        for (const problem of refused) expect(problem).toMatchObject({ status: 422, code: 'OUT_OF_STOCK' })
      }
      const sequence = Math.max(...answers.flat().map((reply) => (reply.ok ? reply.position.sequence : 0)))
      for (const { endpoints } of [one, other]) {
        const { data, errors } = await query(
          endpoints.graph,
          `query ($skus: [ID!], $at: PositionInput) { products(filter: { skuIn: $skus }, atLeast: $at) {
             nodes { stock available reserved version reservedFor { quantity } } } }`,
          { skus, at: { stream: `${namespace}_INVENTORY`, sequence } },
        )
        expect(errors).toBeUndefined()
        const soldOut = {
          stock: 5,
          available: 0,
          reserved: 5,
          version: 6,
          reservedFor: times(5, () => ({ quantity: 1 })),
        }
        expect(data).toEqual({ products: { nodes: skus.map(() => soldOut) } })
      }
    })
  })
})

describe('the same command many times at once, each with an id of its own', () => {
  it('happens once, and everybody is told yes', async () => {
    await withSender(async (send) => {
      await send('once', 'add', { ...tea, stock: 5 })
      const data = { reservationId: 'r', quantity: 3 }
      for (const [command, version] of [
        ['reserve', 2],
        ['release', 3],
      ] as const) {
        const replies = await Promise.all(times(20, () => send('once', command, data)))
        for (const reply of replies) expect(reply).toMatchObject({ ok: true, version, duplicate: false })
        expect(replies.flatMap((reply) => (reply.ok ? reply.events : []))).toHaveLength(1)
      }
      const positions = await Promise.all(times(4, () => send('once', 'release', data)))
      expect(new Set(positions.map((reply) => reply.ok && reply.position.sequence)).size).toBe(1)
    })
  })
})

describe('the sample of inventory', () => {
  const sample = join(root, 'samples/inventory.ndjson')
  const lines = readFileSync(sample, 'utf8').trim().split('\n').length
  const send = () =>
    runCli(['send', sample], { cwd: one.folder, env: { ...one.env, HEADWATER_NAMESPACE: namespace } })

  it('is sent in bulk, what is sold out refused; sent again it does nothing', async () => {
    const first = await send()
    expect(first.stdout).toContain(`${lines} commands in`)
    expect(first.stdout).toMatch(/ 6 {2}OUT_OF_STOCK/)
    expect(first.stdout).toMatch(/ 0 {2}failed/)
    expect(first.code).toBe(0)
    const before = await rawEvents()
    expect((await send()).stdout).toMatch(/ 0 {2}accepted/)
    expect(await rawEvents()).toEqual(before)
  })

  it('and the races make a table that equals sums over the raw log, row for row', async () => {
    const events = await rawEvents()
    expect(events.length).toBeGreaterThan(200)
    const expected = expectedStock(events)
    expect(expected.filter(({ reservations }) => reservations.length > 0).length).toBeGreaterThan(10)
    const found = await until('the table to come so far', async () => {
      const now = await rows()
      const versions = (list: { version?: unknown }[]) => JSON.stringify(list.map(({ version }) => version))
      return (
        versions(z.array(z.looseObject({ version: z.number() })).parse(now)) === versions(expected) && now
      )
    })
    expect(found).toEqual(expected)
    const { code, stdout } = await runCli(['projections', 'verify', 'product'], {
      cwd: one.folder,
      env: { ...one.env, HEADWATER_NAMESPACE: namespace },
    })
    expect({ code, stdout }).toMatchObject({ code: 0 })
  })
})
