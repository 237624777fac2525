import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followJob } from '../../src/cli/follow-job.ts'
import { createDatabase } from '../../src/projections/database/database.ts'
import { requestJob } from '../../src/projections/jobs/job.ts'
import { runCli } from '../support/child.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

let service: Awaited<ReturnType<typeof startTestService>>
let client: Client
let schema: string

const headwater = (...args: string[]) => runCli(args, { cwd: service.folder, env: service.env })
const projections = (...args: string[]) => headwater('projections', ...args)
const ORDERS = 6
const lines = Array.from({ length: ORDERS }, (_, index) => {
  const items = [{ sku: 'tea', quantity: 2, unitPrice: '4.50' }]
  const data = { customerId: 'c-1', currency: 'EUR', items }
  return JSON.stringify({ aggregate: 'order', id: `o-${index + 1}`, command: 'create', data })
}).join('\n')

beforeAll(async () => {
  service = await startTestService()
  schema = service.config.postgres.schema
  client = new Client({ connectionString: service.endpoints.postgres })
  await client.connect()
  await client.query(`set search_path to "${schema}"`)
  await runCli(['send', '-'], { cwd: service.folder, env: service.env, input: lines })
  await until('the orders', async () => (await client.query('select from v_order')).rowCount === ORDERS)
})
afterAll(async () => {
  await client.end()
  await service.stop()
})

const spoil = (id: string) =>
  client.query(`update tb_order_projection set total = 1, customer_id = 'spoilt' where id = $1`, [id])
const spoilt = async () =>
  (await client.query<{ id: string }>(`select id from v_order where customer_id = 'spoilt' order by 1`)).rows

/** Somebody reads the table: the swap has to wait, and the rebuild goes on. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query('select from tb_order_projection')
    await work()
  } finally {
    await client.query('rollback')
  }
}

describe('headwater projections rebuild', () => {
  it('builds the table anew, tells how far it is, and prints the result', async () => {
    await spoil('o-1')
    const { code, stdout, stderr } = await projections('rebuild', 'order')
    expect(JSON.parse(stdout)).toEqual({
      projection: 'order',
      state: 'done',
      events: ORDERS,
      seconds: expect.any(Number),
      swapped: true,
    })
    expect(stderr).toMatch(/^rebuild order: /m)
    expect(code).toBe(0)
    expect(await spoilt()).toEqual([])
  })

  it('--from derives only what has changed since, and prints how much that was', async () => {
    await spoil('o-1')
    await spoil('o-6')
    const { code, stdout } = await projections('rebuild', 'order', '--from', '6')
    expect(JSON.parse(stdout)).toMatchObject({ state: 'done', partial: true, aggregates: 1, rows: 1 })
    expect(code).toBe(0)
    expect(await spoilt()).toEqual([{ id: 'o-1' }])
    const all = await projections('rebuild', 'order', '--from', '2020-01-01T00:00:00Z')
    expect(JSON.parse(all.stdout)).toMatchObject({ state: 'done', partial: true, rows: ORDERS })
    expect(await spoilt()).toEqual([])
  })

  it('refuses a start that is none, and a partial one where rows are of several aggregates', async () => {
    const wrong = await projections('rebuild', 'order', '--from', 'yesterday')
    expect(wrong.stderr).toContain('an ISO 8601 time or a sequence')
    expect(wrong.code).toBe(1)
    const { code, stdout } = await projections('rebuild', 'daily_sales', '--from', '1')
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('without --from'),
    })
    expect(code).toBe(1)
  })

  it('keeps the old table when told to', async () => {
    const { stdout } = await projections('rebuild', 'order', '--keep-old')
    expect(JSON.parse(stdout)).toMatchObject({ state: 'done', kept: 'old_order_projection' })
    expect((await client.query('select from old_order_projection')).rowCount).toBe(ORDERS)
  })

  it('says which projections there are', async () => {
    for (const args of [
      ['rebuild', 'nope'],
      ['rebuild', 'cancel', 'nope'],
      ['verify', 'nope'],
    ]) {
      const { code, stderr } = await projections(...args)
      expect(stderr).toMatch(/UNKNOWN_PROJECTION.*customer.*order/s)
      expect(code).toBe(1)
    }
  })

  it('is one at a time, shows in the status, and can be cancelled', async () => {
    await whileLocked(async () => {
      const asked = await projections('rebuild', 'order', '--no-wait')
      expect(asked).toMatchObject({ code: 0, stdout: 'asked for the rebuild of order\n' })
      // Side by side: the rebuild gives up when the table stays locked for too long.
      const asking = projections('rebuild', 'order')
      const rebuild = await until('the status', async () => {
        const { stdout } = await projections('status', '--json')
        if (stdout === '') return undefined
        const all: { name: string; rebuild: { state: string } | null }[] = JSON.parse(stdout)
        const found = all.find(({ name }) => name === 'order')?.rebuild
        return found?.state === 'running' && found
      })
      expect(rebuild).toMatchObject({
        state: 'running',
        phase: expect.any(String),
        events: expect.any(Number),
      })
      const second = await asking
      expect(second.stderr).toContain('REBUILD_RUNNING')
      expect(second.code).toBe(1)
      const cancelled = await projections('rebuild', 'cancel', 'order')
      expect(cancelled.code).toBe(0)
      await until('the end of it', async () => {
        const { rows } = await client.query(
          `select from tb_projection_job where projection = 'order' and state = 'cancelled'`,
        )
        return rows.length === 1
      })
    })
    expect((await client.query('select from v_order')).rowCount).toBe(ORDERS)
    const nothing = await projections('rebuild', 'cancel', 'order')
    expect(nothing.stderr).toContain('NO_REBUILD')
    expect(nothing.code).toBe(1)
  })
})

describe('headwater projections verify', () => {
  it('says that the rows are what the log says; or which are not, with both values, and fails', async () => {
    const right = await projections('verify', 'order')
    expect(JSON.parse(right.stdout)).toMatchObject({
      projection: 'order',
      rows: ORDERS,
      differences: 0,
      sample: [],
    })
    expect(right.code).toBe(0)
    await spoil('o-2')
    const wrong = await projections('verify', 'order')
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      differences: 1,
      sample: [
        {
          table: 'tb_order_projection',
          live: { id: 'o-2', customer_id: 'spoilt' },
          expected: { id: 'o-2', customer_id: 'c-1' },
        },
      ],
    })
    expect(wrong.code).toBe(1)
    await projections('rebuild', 'order')
    expect((await projections('verify', 'order')).code).toBe(0)
  })
})

describe('followJob', () => {
  it('gives up when no service takes the job up', async () => {
    const database = await createDatabase({
      ...service.config.postgres,
      url: service.endpoints.postgres,
      poolSize: 1,
    })
    try {
      const job = { projection: 'unserved', kind: 'rebuild' as const }
      const id = (await requestJob(database.db, { ...job, options: {} })) ?? ''
      await expect(followJob(database.db, { ...job, id }, 300)).rejects.toMatchObject({
        code: 'NOBODY_WORKS',
      })
      await expect(followJob(database.db, { ...job, id: 'another' }, 300)).rejects.toMatchObject({
        code: 'JOB_GONE',
      })
    } finally {
      await database.close()
    }
  })
})
