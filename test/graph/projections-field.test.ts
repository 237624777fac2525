import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunnerFacts, overviewsOf } from '../../src/graph/freshness/projection-overview.ts'
import { type Servers, startServers } from './servers.ts'
import { anOrder, openShop } from './shop.ts'
import { until } from '../support/until.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const QUERY = `{ projections {
  name status version positions { stream applied pending } lagEvents lagMs ratePerSecond batchSize lastError parked queued
  rebuild { state phase events eventsTotal rate etaSeconds }
} }`

const SECRET = 'connect ECONNREFUSED 10.0.0.7:5432'

describe('projections', () => {
  it('tells of every projection, whichever process runs it', async () => {
    const shop = await openShop(servers, { running: () => [] })
    await shop.command('order', 'o-1', 'create', anOrder())
    await shop.append('order', 'o-1', [{ type: 'order.confirmed', data: {} }])
    const job = { id: 'j', options: '{}', positions: '{}', version: 1, shape: '' }
    const { db } = shop.database
    await db
      .insertInto('tb_projection_job')
      .values({
        ...job,
        projection: 'order',
        kind: 'rebuild',
        state: 'running',
        phase: 'replay',
        events: 250,
        events_total: 1000,
        rate: 100,
        cancel_requested: false,
      })
      .execute()
    const event = {
      projection: 'order',
      target: 'live',
      stream: 's',
      aggregate: 'order',
      aggregate_id: 'o-9',
    } as const
    const one = { ...event, sequence: 1, event_index: 0, event_id: 'e', type: 'order.created', attempts: 1 }
    await db
      .insertInto('tb_parked_event')
      .values([
        { ...one, status: 'parked' },
        { ...one, status: 'queued', event_index: 1 },
        { ...one, status: 'queued', event_index: 2 },
        { ...one, status: 'parked', target: 'shadow' },
      ])
      .execute()
    await db
      .updateTable('tb_projection')
      .set({ last_error: 'It cannot be' })
      .where('name', '=', 'customer')
      .execute()
    const { data, errors } = await shop.askOnce(QUERY)
    expect(errors).toBeUndefined()
    const unknown = { version: 1, status: 'up', ratePerSecond: null, batchSize: null }
    expect(data).toEqual({
      projections: [
        {
          ...unknown,
          name: 'customer',
          positions: [{ stream: shop.homes.get('customer')?.log.stream, applied: 0, pending: 0 }],
          lagEvents: 0,
          lagMs: 0,
          lastError: 'It cannot be',
          parked: 0,
          queued: 0,
          rebuild: null,
        },
        {
          ...unknown,
          name: 'order',
          positions: [{ stream: shop.homes.get('order')?.log.stream, applied: 1, pending: 1 }],
          lagEvents: 1,
          lagMs: expect.any(Number),
          lastError: null,
          parked: 1,
          queued: 2,
          rebuild: {
            state: 'running',
            phase: 'replay',
            events: 250,
            eventsTotal: 1000,
            rate: 100,
            etaSeconds: 8,
          },
        },
        expect.objectContaining({ name: 'product', parked: 0, rebuild: null }),
      ],
    })
  })

  it('is read once a second, however many ask', async () => {
    const statementsOfFifty = async () => {
      const shop = await openShop(servers)
      const began = performance.now()
      const statements = await shop.statementsOf(() =>
        Promise.all(Array.from({ length: 50 }, () => shop.askOnce('{ projections { name parked } }'))),
      )
      // Otherwise it was not within a second.
      return performance.now() - began < 1000 && statements
    }
    const statements = await until('fifty answers within a second', statementsOfFifty)
    expect(statements.filter((text) => text.includes('tb_projection_checkpoint'))).toHaveLength(1)
  })

  it('takes what only the runner knows from the one in this process, and no address from it', async () => {
    const runner = (lastError: RunnerFacts['lastError']): RunnerFacts => ({
      name: 'order',
      state: 'down',
      positions: { ORDERS: { applied: 4, pending: 3 } },
      lagEvents: 5,
      lagMs: 70,
      ratePerSecond: 12.5,
      lastBatch: { commits: 9, events: 11, ms: 2, at: '' },
      lastError,
    })
    const recorded = {
      name: 'order',
      version: 2,
      table: 'tb_order_projection',
      state: 'up',
      lastError: null,
      positions: { ORDERS: { applied: 4, last: undefined, updatedAt: '' } },
      pending: 0,
      lagMs: 0,
      ratePerSecond: null,
      batchSize: null,
      parked: 0,
      queued: 0,
      rebuild: null,
    }
    const overview = async (lastError: RunnerFacts['lastError'], state: RunnerFacts['state'] = 'down') => {
      const [found] = await overviewsOf({
        running: () => [{ ...runner(lastError), state }],
        recorded: async () => [recorded],
      })
      return found
    }
    expect(await overview(null)).toMatchObject({
      status: 'down',
      positions: [{ stream: 'ORDERS', applied: 4, pending: 3 }],
      lagEvents: 5,
      lagMs: 70,
      ratePerSecond: 12.5,
      batchSize: 9,
      lastError: null,
    })
    const failure = { code: 'PROJECTION_FAILED', message: SECRET, at: '' }
    expect((await overview(failure))?.lastError).toBe(
      'The last attempt failed; the log of the service says why',
    )
    expect((await overview({ ...failure, code: 'DATABASE_UNAVAILABLE' }))?.lastError).not.toContain(
      '10.0.0.7',
    )
    const typed = {
      ...failure,
      code: 'PROJECTION_EVENT_FAILED',
      message: 'The event cannot be applied: no row',
    }
    expect((await overview(typed))?.lastError).toBe(typed.message)
    // A runner that stands by knows nothing of how it is now; and nobody here can read that stream.
    expect(await overview(failure, 'standby')).toMatchObject({
      status: 'up',
      positions: [{ pending: null }],
      lagEvents: null,
      lagMs: null,
      ratePerSecond: null,
      lastError: null,
    })
    expect(await overview(null, 'rebuilding')).toMatchObject({ status: 'rebuilding', ratePerSecond: null })
  })
})
