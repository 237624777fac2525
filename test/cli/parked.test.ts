import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../support/child.ts'
import { startTestService } from '../support/service.ts'
import { withClient } from '../projections/support.ts'
import { until } from '../support/until.ts'
import { connect } from '@nats-io/transport-node'
import { request } from '../support/requests.ts'

let service: Awaited<ReturnType<typeof startTestService>>

beforeAll(async () => {
  service = await startTestService()
})
afterAll(async () => {
  await service.stop()
})

const parked = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli(['projections', 'parked', ...args], {
    cwd: service.folder,
    env: service.env,
  })
  return { code, stderr, out: stdout === '' ? undefined : JSON.parse(stdout) }
}

const health = async () => {
  const response = await fetch(service.endpoints.graph.replace('/graphql', '/health/ready'))
  return { status: response.status, body: await response.json() }
}

it('shows what is parked, retries it and drops it; meanwhile the service is degraded, not down', async () => {
  await until('the service to be up', async () => (await health()).body.status === 'up')
  const nc = await connect({ servers: service.endpoints.nats })
  await request(nc, 'hw.evt.order.o-1', 'no commit')
  await nc.close()
  const listed = await until('it to be parked', async () => {
    const { out } = await parked('list', 'order', '--json')
    return out !== undefined && out.length > 0 && out
  })
  expect(listed).toMatchObject([
    { projection: 'order', stream: 'ORDERS', sequence: 1, aggregate: 'order', id: 'o-1', queued: 0 },
  ])
  const degraded = await until('the service to be degraded by it', async () => {
    const seen = await health()
    const found = seen.body.projections.find(({ name }: { name: string }) => name === 'order')
    return seen.status === 200 && found?.status === 'degraded' && found.parked === 1 && seen
  })
  expect(degraded).toMatchObject({
    status: 200,
    body: {
      status: 'degraded',
      projections: expect.arrayContaining([
        expect.objectContaining({ name: 'order', status: 'degraded', parked: 1 }),
      ]),
    },
  })
  const shown = await parked('show', 'order', 'ORDERS', '1')
  expect(shown.out).toMatchObject({ code: 'MALFORMED_COMMIT', unreadable: expect.stringContaining('JSON') })

  const retried = await parked('retry', 'order', '--aggregate', 'order', '--id', 'o-1')
  expect(retried).toMatchObject({ code: 1, out: { cleared: 0, stayed: 1, parked: [{ attempts: 4 }] } })
  // It stands in every projection of the stream: each has its own.
  const rest = (await parked('list')).out.map(({ projection }: { projection: string }) => projection)
  for (const projection of rest) {
    const dropped = await parked('drop', projection, 'ORDERS', '1')
    expect(dropped).toMatchObject({ code: 0, out: { cleared: 1, stayed: 0, parked: [] } })
  }
  expect((await parked('list')).out).toEqual([])
  await until('the service to be up', async () => (await health()).body.status === 'up')
  await withClient(service.endpoints.postgres, async (client) => {
    expect((await client.query('select from tb_parked_event')).rowCount).toBe(0)
  })
})

it('says what is wrong with what it is asked for', async () => {
  expect((await parked('list', 'ordre')).stderr).toContain('UNKNOWN_PROJECTION')
  expect((await parked('show', 'order', 'ORDERS', '77')).stderr).toContain('PARKED_EVENT_NOT_FOUND')
  expect((await parked('drop', 'order', 'ORDERS', 'x')).stderr).toContain('whole number')
  expect((await parked('retry', 'order')).stderr).toContain('say which')
  expect((await parked('retry', 'order', '--all')).stderr).toContain('PARKED_EVENT_NOT_FOUND')
})
