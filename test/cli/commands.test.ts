import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli, runCli, startChild } from '../support/child.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

let service: Awaited<ReturnType<typeof startTestService>>

beforeAll(async () => {
  service = await startTestService()
})
afterAll(async () => {
  await service.stop()
})

const headwater = (...args: string[]) => runCli(args, { cwd: service.folder, env: service.env })
const order = JSON.stringify({
  customerId: 'c-1',
  currency: 'EUR',
  items: [{ sku: 'tea', quantity: 2, unitPrice: '4.50' }],
})

describe('headwater command', () => {
  it('prints the reply to an accepted command', async () => {
    const { code, stdout } = await headwater(
      'command',
      'order',
      'o-1',
      'create',
      order,
      '--command-id',
      'first',
    )
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, id: 'o-1', version: 1, duplicate: false })
    expect(code).toBe(0)
    const again = await headwater('command', 'order', 'o-1', 'create', order, '--command-id', 'first')
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true, version: 1, duplicate: true })
  })

  it('prints the problem of a refused one, and fails', async () => {
    const { code, stdout } = await headwater(
      'command',
      'order',
      'o-1',
      'ship',
      '{"carrier":"a","trackingNumber":"b"}',
    )
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, status: 422, code: 'ORDER_NOT_CONFIRMED' })
    expect(code).toBe(1)
  })

  it('says what is wrong with an id or with JSON before sending anything', async () => {
    expect((await headwater('command', 'order', 'o 1', 'create', '{}')).stderr).toContain('INVALID_ID')
    expect((await headwater('command', 'order', 'o-1', 'create', '{')).stderr).toContain('not JSON')
  })
})

describe('headwater history', () => {
  it('prints the events of one aggregate, oldest first', async () => {
    await headwater('command', 'order', 'o-2', 'create', order)
    await headwater('command', 'order', 'o-2', 'confirm')
    const { stdout } = await headwater('history', 'order', 'o-2')
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['order.created', 1],
      ['order.confirmed', 2],
    ])
    const later = await headwater('history', 'order', 'o-2', '--from', '2')
    expect(later.stdout.trim().split('\n')).toHaveLength(1)
  })

  it('says so when there is none, or no such aggregate', async () => {
    expect((await headwater('history', 'order', 'nobody')).stderr).toContain('NOT_FOUND')
    expect((await headwater('history', 'ordre', 'o-2')).stderr).toContain('UNKNOWN_AGGREGATE')
  })
})

describe('headwater tail', () => {
  it('follows the log live, from now and from the beginning', async () => {
    const env = service.env
    const live = startChild(process.execPath, [cli, 'tail', 'order', '--from', '1'], {
      cwd: service.folder,
      env,
    })
    await headwater('command', 'order', 'o-3', 'create', order)
    await live.printed(/"type":"order.created".*/)
    await until('the new order', async () => live.output().includes('"subject":"o-3"'))
    live.process.kill('SIGINT')
    expect(await live.exited).toBe(0)
  })
})

describe('headwater projections status', () => {
  it('shows how far every projection has come', async () => {
    const rows = await until('the projections to catch up', async () => {
      const { stdout } = await headwater('projections', 'status', '--json')
      if (stdout === '') return undefined
      const all: { name: string; pending: number; positions: object }[] = JSON.parse(stdout)
      return all.every(({ pending }) => pending === 0) && all
    })
    const names = rows.map(({ name }) => name)
    expect(names).toEqual(names.toSorted())
    const some = ['customer', 'customer_summary', 'daily_sales', 'order', 'payment', 'product', 'shipment']
    expect(names).toEqual(expect.arrayContaining(some))
    const summary = rows.find(({ name }) => name === 'customer_summary')
    expect(Object.keys(summary?.positions ?? {})).toEqual(['CUSTOMERS', 'ORDERS'])
  })
})

describe('what only looks', () => {
  it('makes no streams in a namespace that has none, and says so', async () => {
    const env = { ...service.env, HEADWATER_NAMESPACE: 'elsewhere' }
    const { stderr } = await runCli(['history', 'order', 'o-1'], { cwd: service.folder, env })
    expect(stderr).toContain('UNKNOWN_AGGREGATE')
    expect(stderr).toContain('there are none')
    const nc = await connect({ servers: service.endpoints.nats })
    const names = await (await jetstreamManager(nc)).streams.names().next()
    await nc.close()
    expect(names).toContain('ORDERS')
    expect(names.filter((name) => name.includes('elsewhere'))).toEqual([])
  })
})

describe('headwater', () => {
  it('guesses no address where no service runs', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'headwater-nowhere-'))
    const { code, stderr } = await runCli(['command', 'order', 'o-1', 'confirm'], { cwd, env: service.env })
    expect(stderr).toContain('NO_SERVICE')
    expect(code).toBe(1)
    rmSync(cwd, { recursive: true })
  })

  it('says when no service answers', async () => {
    const { code, stderr } = await runCli(['command', 'order', 'o-1', 'create', order], {
      cwd: service.folder,
      env: { ...service.env, NATS_URL: 'nats://127.0.0.1:1' },
    })
    expect(stderr).toContain('NATS_UNAVAILABLE')
    expect(code).toBe(1)
  })

  it('shows the configuration with its sources, and refuses a wrong one', async () => {
    const shown = await runCli(['config'], {
      cwd: service.folder,
      env: { ...service.env, DATABASE_URL: 'postgres://me:hidden@db.example/x' },
    })
    expect(shown.stdout).toContain('namespace = "hw"')
    expect(shown.stdout).not.toContain('hidden')
    const wrong = await runCli(['config'], {
      cwd: service.folder,
      env: { ...service.env, HEADWATER_HTTP_PROT: '1' },
    })
    expect(wrong.stderr).toContain('HEADWATER_HTTP_PORT')
    expect(wrong.code).toBe(1)
  })

  it('helps with an unknown subcommand', async () => {
    const { code, stderr } = await headwater('statr')
    expect(stderr).toMatch(/unknown command|too many arguments/)
    expect(code).toBe(1)
  })
})
