import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createChain } from '../../src/graph/strategies/chain.ts'
import { type OpenTableDriverOptions, openTableDriver } from '../../src/graph/strategies/drivers/open.ts'
import { StepTimeoutError } from '../../src/graph/strategies/errors.ts'
import { fdwSetup } from '../../src/graph/strategies/fdw-setup.ts'
import type { StepSettings } from '../../src/graph/strategies/limits.ts'
import { createResolutionMetrics } from '../../src/graph/strategies/metrics.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { type GemStack, SCHEMA, onPostgres, startGemStack } from './gem-stack.ts'
import { gemColumns, gemMapping, gemValues, gems, mariadbTable } from './gems.ts'
import { type MariaDb, mariadbMissing, mariadbRequired, startMariadb } from './mariadb.ts'
import { openPatiently, patient } from './patient.ts'
import { entityAsker } from './requests.ts'
import { overHttp } from './subgraphs.ts'

let stack: GemStack
beforeAll(async () => void (stack = await startGemStack()))
afterAll(() => stack.stop())

/** What would keep this process from ending. */
const socketsOpen = () =>
  process.getActiveResourcesInfo().filter((kind) => /^TCP(Socket)?Wrap$/.test(kind)).length

const gem = (id: unknown) => ({ __typename: 'Gem', id })

describe('a database_url', () => {
  const open = (url: string) => openTableDriver({ subgraph: 'gems', url })

  it.for(['ftp://user:secret@host/db', 'nonsense', 'postgres://user:sec ret@:x/', 'mysql://:::', 'sqlite:'])(
    'that is none is refused, and not repeated: %s',
    async (url) => {
      const error: unknown = await open(url).catch((reason) => reason)
      expect(error).toMatchObject({ code: 'DATABASE_URL_INVALID' })
      expect(String(error)).not.toContain('secret')
      expect(JSON.stringify(error)).not.toContain('secret')
    },
  )

  it('of a database whose driver is not installed says what to install', async () => {
    await expect(open('mssql://sa:secret@localhost/db')).rejects.toMatchObject({
      code: 'DATABASE_DRIVER_MISSING',
      message: 'The driver for SQL Server is not installed. Run: npm install tedious tarn',
    })
  })
})

it('PostgreSQL stops a statement that takes too long, and nothing can be written', async () => {
  await onPostgres(stack.postgresUrl, async (client) => {
    await client.query(
      `create view ${SCHEMA}.slow as select id, pg_sleep(60)::text as name from ${SCHEMA}.tb_gem`,
    )
    await client.query(`create function ${SCHEMA}.write() returns text language sql as
      $$ insert into ${SCHEMA}.tb_gem (id) values ('written') returning id $$`)
    await client.query(
      `create view ${SCHEMA}.writing as select id, ${SCHEMA}.write() as name from ${SCHEMA}.tb_gem`,
    )
  })
  const options = { subgraph: 'gems', url: stack.postgresUrl }
  const hasty = await openPatiently({ ...options, statementTimeoutMs: 300 })
  onTestFinished(() => hasty.close())
  const driver = await openPatiently(options)
  onTestFinished(() => driver.close())
  const columns = [
    { column: 'id', kind: 'id' },
    { column: 'name', kind: 'text' },
  ] as const
  const read = (from: typeof driver, table: string) =>
    from.select({ schema: SCHEMA, table, columns, key: ['id'] }, [['zero']], new AbortController().signal)
  await expect(read(hasty, 'slow')).rejects.toThrow(StepTimeoutError)
  await expect(read(driver, 'writing')).rejects.toThrow('read-only')
})

it('keys of several columns and of numbers find their rows', async () => {
  await onPostgres(stack.postgresUrl, async (client) => {
    await client.query(
      `create table ${SCHEMA}.tb_shelf (hall text, number bigint, label text, primary key (hall, number))`,
    )
    await client.query(`insert into ${SCHEMA}.tb_shelf values ('a', 1, 'a1'), ('a', 2, 'a2'), ('b', 1, 'b1')`)
  })
  const driver = await openPatiently({ subgraph: 'gems', url: stack.postgresUrl })
  const mapping = {
    type: 'Shelf',
    table: 'tb_shelf',
    schema: SCHEMA,
    key: { hall: 'hall', number: 'number' },
    fields: {
      hall: { column: 'hall', kind: 'text' },
      number: { column: 'number', kind: 'long' },
      label: { column: 'label', kind: 'text' },
    },
  } as const
  const chain = createChain({
    name: 'gems',
    transports: [],
    entities: { Shelf: { mapping, steps: [{ strategy: 'direct-db', driver }] } },
    settings: patient,
  })
  onTestFinished(() => chain.close())
  const shelf = (hall: unknown, number: unknown) => ({ __typename: 'Shelf', hall, number })
  const asked = [shelf('b', 1), shelf('a', '2'), shelf('b', 2), shelf('a', 1)]
  const { entities } = await entityAsker(chain, '... on Shelf { label }')(asked)
  expect(entities).toEqual([{ label: 'b1' }, { label: 'a2' }, null, { label: 'a1' }])
})

describe.skipIf(mariadbMissing !== undefined && !mariadbRequired)(
  `MariaDB${mariadbMissing === undefined ? '' : ` (skipped: ${mariadbMissing})`}`,
  () => {
    let mariadb: MariaDb
    beforeAll(async () => {
      mariadb = await startMariadb()
      await mariadb.run(mariadbTable)
      for (const row of gems) {
        const values = gemValues({ ...row, made: null })
        await mariadb.run(`insert into tb_gem (${gemColumns.join(', ')}) values (?)`, [values])
      }
    })
    afterAll(() => mariadb.remove())

    async function ask(more: Partial<OpenTableDriverOptions> = {}, own: StepSettings = {}) {
      const driver = await openPatiently({ subgraph: 'gems', url: mariadb.url, ...more })
      const http = { strategy: 'http', subgraph: overHttp(stack.url) } as const
      const settings = {
        breaker: { consecutiveFailures: 2, openMs: 10_000, halfOpenCalls: 1 },
        ...own,
      }
      const chain = createChain({
        name: 'gems',
        transports: [http],
        entities: {
          Gem: { mapping: gemMapping, steps: [{ strategy: 'direct-db', driver, settings }, http] },
        },
        settings: patient,
      })
      onTestFinished(() => chain.close())
      return entityAsker(chain, '... on Gem { id }')
    }

    it('takes keys as text, also where the server knows no backslash in it', async () => {
      const asked = await ask()
      const hostile = [`\\' or 1=1 -- `, `' or '1'='1`, '\\', `" or 1=1 #`, 'zero\\']
      const { entities, tried } = await asked([...hostile.map(gem), gem('zero'), gem(0)])
      expect(entities).toEqual([...hostile.map(() => null), { id: 'zero' }, null])
      expect(tried).toEqual(['direct-db served'])
    })

    it('stops a statement that takes too long', async () => {
      await mariadb.run('create view tb_slow as select id, sleep(60) as name from tb_gem')
      const driver = await openPatiently({ subgraph: 'gems', url: mariadb.url, statementTimeoutMs: 300 })
      onTestFinished(() => driver.close())
      const columns = [
        { column: 'id', kind: 'id' },
        { column: 'name', kind: 'text' },
      ] as const
      const query = { schema: undefined, table: 'tb_slow', columns, key: ['id'] }
      await expect(driver.select(query, [['zero']], new AbortController().signal)).rejects.toThrow(
        StepTimeoutError,
      )
    })

    it('gives up a connection that does not answer in time', async () => {
      const proxy = await startProxy({ host: '127.0.0.1', port: mariadb.port })
      onTestFinished(() => proxy.close())
      const url = mariadb.url.replace(`:${mariadb.port}`, `:${proxy.port}`)
      const asked = await ask({ url, poolSize: 1 }, { timeoutMs: 1500 })
      const tried = async () => (await asked([gem('zero')])).tried
      await until('the database to serve', async () => (await tried())[0] === 'direct-db served')
      proxy.loseAnswers()
      expect(await tried()).toEqual(['direct-db timeout', 'http served'])
      proxy.sever()
      await until('the one connection to be made anew', async () => (await tried())[0] === 'direct-db served')
    })

    it('closes in time when its connections have stalled, and leaves none behind (1 fault)', async () => {
      const proxy = await startProxy({ host: '127.0.0.1', port: mariadb.port })
      onTestFinished(() => proxy.close())
      const url = mariadb.url.replace(`:${mariadb.port}`, `:${proxy.port}`)
      const driver = await openPatiently({ subgraph: 'gems', url })
      const { signal } = new AbortController()
      await Promise.all([driver.ping(signal), driver.ping(signal)])
      proxy.stall()
      const both = socketsOpen()
      await expect(driver.ping(AbortSignal.timeout(300))).rejects.toThrow()
      await until('the one that is given up to be gone', async () => socketsOpen() < both)
      const other = socketsOpen()
      const start = performance.now()
      await driver.close()
      expect(performance.now() - start).toBeLessThan(20_000)
      expect(socketsOpen()).toBeLessThan(other)
    })

    it('gives way to the subgraph while it is down, and serves again when it is back', async () => {
      const asked = await ask()
      const tried = async () => (await asked([gem('zero')])).tried
      expect(await tried()).toEqual(['direct-db served'])
      await mariadb.stop()
      expect([await tried(), await tried(), await tried()]).toEqual([
        ['direct-db failed', 'http served'],
        ['direct-db failed', 'http served'],
        ['direct-db open', 'http served'],
      ])
      await mariadb.start()
      await until('MariaDB to serve again', async () => (await tried())[0] === 'direct-db served')
    })
  },
)

describe('the SQL that sets foreign tables up', () => {
  const options = {
    subgraph: 'Gems & Co',
    databaseUrl: `postgres://reader:s3cr%27t@db.example:6543/gem%20db?sslmode=require`,
    mappings: [{ ...gemMapping, schema: SCHEMA }],
  }

  it('has neither user nor password in it unless that is asked for', () => {
    const sql = fdwSetup(options)
    expect(sql).toContain(`options (user :'remote_user', password :'remote_password')`)
    expect(sql).not.toContain('reader')
    expect(sql).not.toContain('s3cr')
    expect(fdwSetup({ ...options, showPassword: true })).toContain(`(user 'reader', password 's3cr''t')`)
  })

  it('names the server, the tables and their columns with their types', () => {
    const sql = fdwSetup({ ...options, role: 'app', fetchSize: 500 })
    expect(sql).toContain(`create server "fdw_gems_co" foreign data wrapper postgres_fdw`)
    expect(sql).toContain(`host 'db.example', port '6543', dbname 'gem db', sslmode 'require'`)
    expect(sql).toContain(`fetch_size '500'`)
    expect(sql).toMatch(/create foreign table "fdw_gems_co"."tb_gem" \(\n {2}"id" text,\n/)
    expect(sql).toContain('"made" timestamptz')
    expect(sql).toContain(`options (schema_name 'gems', table_name 'tb_gem')`)
    expect(sql).toContain(`create user mapping for "app"`)
    expect(sql).toContain(`grant select on all tables in schema "fdw_gems_co" to "app"`)
  })
})

describe('the metrics of resolutions', () => {
  const served = { subgraph: 'gems', type: 'Gem', strategy: 'http', outcome: 'served' } as const

  it('are buckets that add up', () => {
    const metrics = createResolutionMetrics()
    for (const durationMs of [0.4, 3, 3, 20_000]) metrics.record({ ...served, durationMs })
    const [series] = metrics.snapshot()
    expect(series?.labels).toEqual(served)
    expect(series?.count).toBe(4)
    expect(series?.sumSeconds).toBeCloseTo(20.0064)
    const at = (le: number) => series?.buckets.find((bucket) => bucket.le === le)?.count
    expect([at(0.0005), at(0.0025), at(0.005), at(10), at(Infinity)]).toEqual([1, 1, 3, 3, 4])
  })

  it('stay bounded however many types there are', () => {
    const metrics = createResolutionMetrics({ maxSeries: 3 })
    for (let type = 0; type < 100; type++) metrics.record({ ...served, type: `T${type}`, durationMs: 1 })
    const series = metrics.snapshot()
    expect(series).toHaveLength(4)
    expect(series.find(({ labels }) => labels.type === 'other')?.count).toBe(97)
  })
})
