import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../support/child.ts'
import { compliance, customers, orders } from '../../src/domains/index.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { request } from '../support/requests.ts'

let service: Awaited<ReturnType<typeof startTestService>>

beforeAll(async () => {
  service = await startTestService({ contexts: [orders, customers, compliance] })
})
afterAll(() => service.stop())

const cli = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli(args, { cwd: service.folder, env: service.env })
  return { code, stderr, out: stdout === '' ? undefined : JSON.parse(stdout) }
}

it('shows how far the feed and the reactors are, and where they are active', async () => {
  const feed = await until('the feed to be active', async () => {
    const { out } = await cli('feed', 'status', '--json')
    return out.every(({ active }: { active: string | null }) => active !== null) && out
  })
  expect(feed).toContainEqual({
    kind: 'feed',
    name: 'orders',
    stream: 'ORDERS',
    active: expect.stringContaining(`${process.pid}`),
    checkpoint: 0,
    behind: 0,
    mismatch: false,
    parked: 0,
  })
  expect((await cli('reactors', 'status')).out).toContainEqual(
    expect.objectContaining({ kind: 'reactor', name: 'compliance', stream: 'FEED' }),
  )
})

it('shows what could not be published, retries it and drops it', async () => {
  const nc = await connect({ servers: service.endpoints.nats })
  await request(nc, 'hw.evt.order.o-1', 'no commit')
  await nc.close()
  const parked = await until('it to be parked', async () => {
    const { out } = await cli('feed', 'parked', 'orders')
    return out.length > 0 && out
  })
  expect(parked).toMatchObject([
    {
      name: 'orders',
      stream: 'ORDERS',
      sequence: 1,
      aggregate: 'order',
      id: 'o-1',
      code: 'MALFORMED_COMMIT',
    },
  ])
  expect(await cli('feed', 'retry', 'orders', '--aggregate', 'order', '--id', 'o-1')).toMatchObject({
    code: 1,
    out: { context: 'orders', action: 'retry', cleared: 0, stayed: [{ attempts: 2 }] },
  })
  expect(await cli('feed', 'drop', 'orders', 'ORDERS', '1')).toMatchObject({
    code: 0,
    out: { cleared: 1, stayed: [] },
  })
  expect((await cli('feed', 'parked')).out).toEqual([])
  expect((await cli('feed', 'status')).out).toContainEqual(
    expect.objectContaining({ name: 'orders', parked: 0 }),
  )
})

it('does not take a reactor for one that is behind because of what is not for it', async () => {
  const nc = await connect({ servers: service.endpoints.nats })
  await request(nc, 'hw.feed.weather.changed.w-1', '{}')
  await nc.close()
  const [{ behind }] = (await cli('reactors', 'status')).out
  expect(behind).toBe(0)
})

it('is told where to go on', async () => {
  expect(await cli('feed', 'reset', 'orders', '--from', 'beginning')).toMatchObject({
    code: 0,
    out: { name: 'orders', checkpoint: 0 },
  })
  expect((await cli('feed', 'reset', 'orders', '--from', '99')).stderr).toContain('INVALID_PLACE')
})

it('says what is wrong with what it is asked for', async () => {
  expect((await cli('feed', 'parked', 'ordres')).stderr).toContain('UNKNOWN_FOLLOWER')
  expect((await cli('reactors', 'retry', 'compliance')).stderr).toContain('say which')
  expect((await cli('reactors', 'retry', 'compliance', '--all')).stderr).toContain('PARKED_EVENT_NOT_FOUND')
  expect((await cli('reactors', 'drop', 'compliance', 'ORDERS', '1')).stderr).toContain('UNKNOWN_FOLLOWER')
  expect((await cli('reactors', 'drop', 'compliance', 'FEED', 'x')).stderr).toContain('whole number')
})
