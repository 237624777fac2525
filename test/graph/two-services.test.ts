import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestService } from '../support/service.ts'
import { uniqueName } from '../support/stack.ts'
import { asker, extensionsOf } from './ask.ts'
import { anOrder } from './shop.ts'

type TestService = Awaited<ReturnType<typeof startTestService>>

/** One service that applies events, and one on the same servers that only answers queries. */
let working: TestService
let reading: TestService

beforeAll(async () => {
  const namespace = uniqueName()
  const graph = { atLeastTimeoutMs: 20_000 }
  working = await startTestService({ overrides: { namespace, graph } })
  const { nats, postgres } = working.endpoints
  reading = await startTestService({
    overrides: {
      namespace,
      graph,
      nats: { url: nats },
      postgres: { url: postgres },
      projections: { run: false },
    },
  })
})
afterAll(async () => {
  await reading.stop()
  await working.stop()
})

const CREATE = `mutation ($id: ID, $input: CreateOrderInput!) {
  createOrder(id: $id, input: $input) { position { stream sequence } order { id status } }
}`

describe('of two services', () => {
  it('the one that runs no projection answers what was just written, through either', async () => {
    const ask = { working: asker(working.endpoints.graph), reading: asker(reading.endpoints.graph) }
    for (let index = 0; index < 20; index++) {
      const id = `o-${index}`
      const writer = index % 2 === 0 ? ask.working : ask.reading
      const created = await writer(CREATE, { variables: { id, input: anOrder() } })
      expect(created.errors).toBeUndefined()
      expect(created.at('createOrder.order')).toEqual({ id, status: 'CREATED' })
      const at = created.at('createOrder.position')
      const found = await ask.reading(
        'query ($id: ID!, $at: PositionInput) { order(id: $id, atLeast: $at) { status } }',
        { variables: { id, at } },
      )
      expect(found.data).toEqual({ order: { status: 'CREATED' } })
    }
  })

  it('hundreds of such queries at once wake with the batch that they wait for', async () => {
    const write = asker(working.endpoints.graph)
    const read = asker(reading.endpoints.graph)
    const first = await write(CREATE, { variables: { input: anOrder() } })
    const stream = String(first.at('createOrder.position.stream'))
    const sequence = Number(first.at('createOrder.position.sequence')) + 1
    const headers = { 'headwater-at-least': `${stream}=${sequence}` }
    const waiting = Array.from({ length: 200 }, () => read('{ order(id: "late") { status } }', { headers }))
    await write(CREATE, { variables: { id: 'late', input: anOrder() } })
    for (const { data, errors } of await Promise.all(waiting)) {
      expect(errors).toBeUndefined()
      expect(data).toEqual({ order: { status: 'CREATED' } })
    }
    expect(await extensionsOf(reading.endpoints.graph, '{ order(id: "late") { id } }')).toMatchObject({
      headwater: { projections: { order: { positions: { [stream]: sequence } } } },
    })
  })

  it('each tells of every projection', async () => {
    const query = '{ projections { name status positions { applied pending } ratePerSecond parked } }'
    for (const { endpoints } of [working, reading]) {
      const { data, errors } = await asker(endpoints.graph)(query)
      expect(errors).toBeUndefined()
      expect(data).toMatchObject({
        projections: expect.arrayContaining([
          expect.objectContaining({ name: 'order', status: 'up', parked: 0 }),
          expect.objectContaining({ name: 'customer', status: 'up' }),
        ]),
      })
    }
  })
})
