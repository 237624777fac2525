import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { graphContract } from './contract.ts'
import { type Part, type Topology, asker, overHttp, startTopology } from './topology.ts'

const CANNOT_HIVE = {
  'a reference to what is not there is null, among others that are':
    'a reference is taken for an object, which is then without what its subgraph knows of it',
}
const CANNOT_MERCURIUS = {
  subscriptions: 'they are left out: clients subscribe at the subgraph itself',
}

describe('one process', () => {
  let service: Awaited<ReturnType<typeof startTestService>>
  beforeAll(async () => {
    service = await startTestService()
  })
  afterAll(() => service.stop())
  graphContract({ url: () => service.endpoints.graph, prefix: 'one', cannot: {} })
})

describe('subgraphs and a gateway', () => {
  let topology: Topology
  const gateways = new Map<string, Part>()
  const gateway = (engine: string): Part => {
    const part = gateways.get(engine)
    if (part) return part
    throw new Error(`There is no gateway with the engine ${engine}`)
  }
  beforeAll(async () => {
    topology = await startTopology()
    for (const engine of ['hive', 'mercurius'])
      gateways.set(engine, await topology.gateway(overHttp(topology, `engine = "${engine}"`)))
  })
  afterAll(() => topology.stop())

  describe('our engine', () => {
    graphContract({ url: () => gateway('hive').url, prefix: 'hive', cannot: CANNOT_HIVE })
  })

  describe('the engine mercurius', () => {
    graphContract({ url: () => gateway('mercurius').url, prefix: 'mercurius', cannot: CANNOT_MERCURIUS })
  })

  it('both give the rest of an answer when a subgraph is killed, and name it, but not where it is (1 fault)', async () => {
    await topology.customers.kill()
    for (const engine of ['hive', 'mercurius']) {
      const { data, errors } = await asker(gateway(engine).url)(
        `{ order(id: "${engine}-o1") { status customer { name } items { product { name } } } }`,
      )
      expect(data).toMatchObject({
        order: { status: 'CONFIRMED', items: [{ product: { name: 'Tea' } }, { product: { name: 'Mug' } }] },
      })
      expect(errors).toHaveLength(1)
      expect(errors?.[0]?.path?.slice(0, 2)).toEqual(['order', 'customer'])
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'SUBGRAPH_UNAVAILABLE',
        status: 503,
        subgraph: 'customers',
      })
      expect(JSON.stringify({ data, errors })).not.toMatch(
        /127\.0\.0\.1|ECONNREFUSED|localhost|subgraph\.invalid/,
      )
    }
    await topology.customers.start()
    for (const engine of ['hive', 'mercurius'])
      await until('it is whole again', async () => {
        const { errors } = await asker(gateway(engine).url)(
          `{ order(id: "${engine}-o1") { customer { name } } }`,
        )
        return errors === undefined
      })
  })
})
