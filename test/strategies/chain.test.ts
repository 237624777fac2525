import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { SubgraphError } from '../../src/graph/gateway/errors.ts'
import type { Subgraph } from '../../src/graph/gateway/subgraph.ts'
import { type ChainOptions, createChain } from '../../src/graph/strategies/chain.ts'
import type { StepSettings } from '../../src/graph/strategies/limits.ts'
import type { Step } from '../../src/graph/strategies/step.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { type GemStack, SCHEMA, fillSqlite, startGemStack } from './gem-stack.ts'
import { gemMapping, gems } from './gems.ts'
import { openPatiently, patient } from './patient.ts'
import { entityAsker, operation, outcomes, requestOf } from './requests.ts'
import { overHttp, serveSubgraph } from './subgraphs.ts'

let stack: GemStack
beforeAll(async () => void (stack = await startGemStack()))
afterAll(() => stack.stop())

const gem = (id: unknown) => ({ __typename: 'Gem', id })
const mapping = { ...gemMapping, schema: SCHEMA }

/** A chain for gems, with its own way to the subgraph, closed after the test. */
function chainOf(steps: Step[], more: Partial<ChainOptions> = {}) {
  const http = overHttp(stack.url)
  const transport = { strategy: 'http', subgraph: http } as const
  const chain = createChain({
    name: 'gems',
    transports: [transport],
    entities: { Gem: { mapping, steps: [...steps, transport] } },
    settings: patient,
    ...more,
  })
  onTestFinished(() => chain.close())
  return chain
}

/** PostgreSQL behind a wire that can be cut. */
async function behindProxy(poolSize = 10) {
  const address = new URL(stack.postgresUrl)
  const proxy = await startProxy({ host: address.hostname, port: Number(address.port) })
  onTestFinished(() => proxy.close())
  address.host = `127.0.0.1:${proxy.port}`
  const url = address.href
  const driver = await openPatiently({ subgraph: 'gems', url, poolSize })
  return { proxy, driver, url }
}

/** SQLite in a file that can be taken away. */
async function ownSqlite(name: string, key?: string, rows = gems) {
  const file = join(stack.folder, `${name}.db`)
  fillSqlite(file, key, rows)
  const driver = await openPatiently({ subgraph: 'gems', url: `sqlite:${file}` })
  return {
    driver,
    mapping: gemMapping,
    takeAway: () => renameSync(file, `${file}.gone`),
    bringBack: () => renameSync(`${file}.gone`, file),
  }
}

const breakerOf = (chain: ReturnType<typeof createChain>, strategy: string) =>
  chain.status().find((step) => step.strategy === strategy && step.type === 'Gem')?.breaker

/** A file is not opened again while it is open: the first request that needs it finds it gone. */
async function missingSqlite(name: string) {
  const sqlite = await ownSqlite(name)
  sqlite.takeAway()
  return sqlite
}

describe('a step that cannot serve gives way to the next', () => {
  it('a database that is not there', async () => {
    const { driver } = await missingSqlite('not-there')
    const chain = createSqliteChain(driver)
    const { entities, result, tried } = await entityAsker(chain, '... on Gem { id count }')([gem('most')])
    expect(entities).toEqual([{ id: 'most', count: 2_147_483_647 }])
    expect(result.errors).toBeUndefined()
    expect(tried).toEqual(['direct-db failed', 'http served'])
  })

  it('a database that does not answer in time; its connection is given up, and the next one serves', async () => {
    const { proxy, driver } = await behindProxy(1)
    const chain = chainOf([{ strategy: 'direct-db', driver, settings: { timeoutMs: 2000 } }])
    const ask = entityAsker(chain, '... on Gem { count }')
    await until(
      'the database to serve',
      async () => (await ask([gem('zero')])).tried[0] === 'direct-db served',
    )
    proxy.loseAnswers()
    const late = await ask([gem('zero')])
    expect(late.tried).toEqual(['direct-db timeout', 'http served'])
    expect(late.entities).toEqual([{ count: 0 }])
    proxy.sever()
    await until(
      'the database to serve again',
      async () => (await ask([gem('zero')])).tried[0] === 'direct-db served',
    )
  })

  it('all of them: the error names the subgraph, and neither its address nor its password', async () => {
    const { proxy, driver, url } = await behindProxy()
    await proxy.close()
    const dead = await serveSubgraph(stack.resources, [])
    await dead.close()
    const transport = { strategy: 'http', subgraph: overHttp(dead.url) } as const
    const chain = chainOf([], {
      transports: [transport],
      entities: { Gem: { mapping, steps: [{ strategy: 'direct-db', driver }, transport] } },
    })
    const error: unknown = await entityAsker(
      chain,
      '... on Gem { id }',
    )([gem('zero')]).catch((reason) => reason)
    if (!(error instanceof SubgraphError)) throw new Error('not refused as it should be')
    expect(error.code).toBe('SUBGRAPH_UNAVAILABLE')
    expect(error.message).toBe('The subgraph gems could not be reached')
    const { password, username } = new URL(url)
    const told = inspect(error, { depth: 10 })
    expect(told).toContain('ECONNREFUSED')
    for (const secret of [url, password, `${username}:`]) expect(told).not.toContain(secret)
    const [health] = await chain.ping()
    expect(health).toMatchObject({ subgraph: 'gems', strategy: 'direct-db', ok: false })
    expect(JSON.stringify(health)).not.toContain(password)
  })

  it.for([
    ['a field that no column has', '... on Gem { id described }'],
    ['an argument', '... on Gem { id described(style: "short") }'],
    ['a fragment on an interface', '... on Node { id }'],
    ['an object below what JSON is mapped', '... on Gem { parts { inner { inner { sku } } } }'],
  ])('what does not suit a table: %s', async ([, selection]) => {
    const { driver } = await ownSqlite(`unsuited-${Math.random()}`)
    const asked: string[] = []
    const chain = createSqliteChain(driver, spy(asked))
    await entityAsker(chain, selection ?? '')([gem('zero')])
    expect(asked).toEqual(['execute'])
  })

  it('a request that has to see its own writes: only the subgraph can wait', async () => {
    const driver = await openPatiently({ subgraph: 'gems', url: stack.postgresUrl })
    const ask = entityAsker(chainOf([{ strategy: 'direct-db', driver }]), '... on Gem { id }')
    const { tried } = await ask([gem('zero')], { headers: { 'headwater-at-least': 'GEMS=1' } })
    expect(tried).toEqual(['direct-db skipped', 'http served'])
  })

  it('a value that the graph cannot show: the subgraph says what it is', async () => {
    const [most] = gems.filter(({ id }) => id === 'most')
    if (!most) throw new Error('no gem')
    const { driver } = await ownSqlite('too-big', undefined, [{ ...most, big: '9007199254740993' }])
    const ask = entityAsker(createSqliteChain(driver), '... on Gem { big }')
    const { tried, entities } = await ask([gem('most')])
    expect(tried).toEqual(['direct-db skipped', 'http served'])
    expect(entities).toEqual([{ big: 9_007_199_254_740_991 }])
  })

  it('a key that the table finds under another spelling: the subgraph compares', async () => {
    const { driver } = await ownSqlite('nocase', 'text collate nocase primary key')
    const { tried, entities } = await entityAsker(
      createSqliteChain(driver),
      '... on Gem { id }',
    )([gem('ZERO')])
    expect(tried).toEqual(['direct-db skipped', 'http served'])
    expect(entities).toEqual([null])
  })

  it('keys that are hostile, and say nothing of the database', async () => {
    const driver = await openPatiently({ subgraph: 'gems', url: stack.postgresUrl })
    const chain = chainOf([
      { strategy: 'direct-db', driver, settings: { breaker: { consecutiveFailures: 1 } } },
    ])
    const ask = entityAsker(chain, '... on Gem { id }')
    for (const id of [{ toString: 'x' }, ['zero'], true, null, 'a\0b']) {
      expect((await ask([gem(id)])).tried).toEqual(['direct-db skipped', 'http served'])
    }
    const texts = [`' or 1=1 --`, `\\' or 1=1 -- `, '{zero}', '"', '1; drop table tb_gem']
    const { tried, entities } = await ask(texts.map(gem))
    expect(entities).toEqual(texts.map(() => null))
    expect(tried).toEqual(['direct-db served'])
    expect(breakerOf(chain, 'direct-db')).toBe('closed')
  })
})

describe('an answer is final', () => {
  it('of a table that has no such row', async () => {
    const driver = await openPatiently({ subgraph: 'gems', url: stack.postgresUrl })
    const asked: string[] = []
    const chain = chainOf([
      { strategy: 'direct-db', driver },
      { strategy: 'local', subgraph: spy(asked) },
    ])
    const { entities, tried } = await entityAsker(chain, '... on Gem { id }')([gem('nobody'), gem('zero')])
    expect(entities).toEqual([null, { id: 'zero' }])
    expect(tried).toEqual(['direct-db served'])
    expect(asked).toEqual([])
  })

  it('of a subgraph, with GraphQL errors in it', async () => {
    const asked: string[] = []
    const chain = chainOf([
      { strategy: 'http', subgraph: overHttp(stack.url) },
      { strategy: 'local', subgraph: spy(asked) },
    ])
    const { entities, result, tried } = await entityAsker(
      chain,
      '... on Gem { id }',
    )([gem('zero'), { __typename: 'Stranger', id: 1 }])
    expect(entities).toEqual([{ id: 'zero' }, null])
    expect(result.errors).toMatchObject([{ path: ['_entities', 1] }])
    expect(tried).toContain('http served')
    expect(asked).toEqual([])
  })
})

describe('the breaker', () => {
  const breaker = { consecutiveFailures: 2, openMs: 300, halfOpenCalls: 2 }

  it('opens after failures in a row, lets a few through later, and closes when they succeed', async () => {
    const sqlite = await missingSqlite('breaker')
    const chain = createSqliteChain(sqlite.driver, undefined, { breaker: { ...breaker, openMs: 10_000 } })
    const ask = entityAsker(chain, '... on Gem { id }')
    const first = async () => (await ask([gem('zero')])).tried[0]
    expect([await first(), await first(), await first()]).toEqual([
      'direct-db failed',
      'direct-db failed',
      'direct-db open',
    ])
    expect(breakerOf(chain, 'direct-db')).toBe('open')
    sqlite.bringBack()
    await until('a probe', async () => (await first()) === 'direct-db served')
    expect(breakerOf(chain, 'direct-db')).toBe('half-open')
    expect(await first()).toBe('direct-db served')
    expect(breakerOf(chain, 'direct-db')).toBe('closed')
  })

  it('opens again when a probe fails', async () => {
    const sqlite = await missingSqlite('again')
    const chain = createSqliteChain(sqlite.driver, undefined, { breaker })
    const ask = entityAsker(chain, '... on Gem { id }')
    const first = async () => (await ask([gem('zero')])).tried[0]
    await first()
    await first()
    await until('a probe', async () => (await first()) === 'direct-db failed')
    expect(breakerOf(chain, 'direct-db')).toBe('open')
  })

  it('opens by the share of failures when they are not in a row', async () => {
    const sqlite = await ownSqlite('share')
    const ratio = {
      consecutiveFailures: 100,
      failureRatio: 0.4,
      minimumCalls: 10,
      windowMs: 60_000,
      openMs: 60_000,
    }
    const unreliable = createSqliteChain(flickering(sqlite.driver), undefined, { breaker: ratio })
    const ask = entityAsker(unreliable, '... on Gem { id }')
    for (let call = 0; call < 11; call++) await ask([gem('zero')])
    expect((await ask([gem('zero')])).tried[0]).toBe('direct-db open')
  })

  it('lets nobody wait for a probe: others go on to the next step', async () => {
    const { proxy, driver } = await behindProxy()
    const settings = { timeoutMs: 2000, breaker: { consecutiveFailures: 1, openMs: 100, halfOpenCalls: 1 } }
    const chain = chainOf([{ strategy: 'direct-db', driver, settings }])
    const ask = entityAsker(chain, '... on Gem { id }')
    proxy.loseAnswers()
    expect((await ask([gem('zero')])).tried[0]).toBe('direct-db timeout')
    const probe = await until('a probe', async () => {
      const asked = ask([gem('zero')])
      return breakerOf(chain, 'direct-db') === 'half-open' ? { asked } : (await asked, undefined)
    })
    expect((await ask([gem('zero')])).tried).toEqual(['direct-db open', 'http served'])
    expect((await probe.asked).tried).toEqual(['direct-db timeout', 'http served'])
    proxy.sever()
  })

  it('is told by each type and strategy: another one goes on', async () => {
    const sqlite = await missingSqlite('each')
    const chain = createSqliteChain(sqlite.driver, undefined, { breaker: { consecutiveFailures: 1 } })
    const ask = entityAsker(chain, '... on Gem { id }')
    await ask([gem('zero')])
    expect(chain.status().map(({ type, strategy, breaker }) => [type, strategy, breaker])).toEqual([
      [undefined, 'http', 'closed'],
      ['Gem', 'direct-db', 'open'],
      ['Gem', 'http', 'closed'],
    ])
  })
})

it('a full bulkhead gives way to the next step at once', async () => {
  const { proxy, driver } = await behindProxy()
  const chain = chainOf([
    { strategy: 'direct-db', driver, settings: { maxConcurrent: 1, timeoutMs: 20_000 } },
  ])
  const ask = entityAsker(chain, '... on Gem { id }')
  proxy.loseAnswers()
  const stalled = ask([gem('zero')])
  expect((await ask([gem('zero')])).tried).toEqual(['direct-db full', 'http served'])
  await until('the statement to be lost', async () => proxy.lost > 0)
  proxy.sever()
  expect((await stalled).tried).toEqual(['direct-db failed', 'http served'])
})

describe('a client that goes away', () => {
  it('ends what was done for it, opens no breaker and is sent to no other step', async () => {
    const { proxy, driver } = await behindProxy(3)
    const asked: string[] = []
    const settings = { timeoutMs: 30_000, breaker: { consecutiveFailures: 1 } }
    const chain = createPostgresChain(driver, spy(asked), settings)
    proxy.loseAnswers()
    for (let client = 0; client < 3; client++) {
      const lostBefore = proxy.lost
      const controller = new AbortController()
      const request = requestOf(
        operation('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Gem { id } } }'),
        { r: [gem('zero')] },
        { signal: controller.signal },
      )
      const answer = chain.execute(request)
      await until('the statement to be lost', async () => proxy.lost > lostBefore)
      controller.abort(new Error('gone'))
      await expect(answer).rejects.toThrow('gone')
      expect(request.tried).toEqual([])
    }
    expect(asked).toEqual([])
    expect(breakerOf(chain, 'direct-db')).toBe('closed')
    proxy.sever()
    // A pool of three connections has them back, though three were given up.
    expect((await entityAsker(chain, '... on Gem { id }')([gem('zero')])).tried).toEqual(['direct-db served'])
  })

  it('does not close a breaker by going away from a probe', async () => {
    const { proxy, driver } = await behindProxy()
    const settings = { timeoutMs: 1500, breaker: { consecutiveFailures: 1, openMs: 100, halfOpenCalls: 1 } }
    const chain = chainOf([{ strategy: 'direct-db', driver, settings }])
    const ask = entityAsker(chain, '... on Gem { id }')
    proxy.loseAnswers()
    await ask([gem('zero')])
    const controller = new AbortController()
    const probe = await until('a probe', async () => {
      const asked = ask([gem('zero')], { signal: controller.signal })
      return breakerOf(chain, 'direct-db') === 'half-open' ? { asked } : (await asked, undefined)
    })
    controller.abort(new Error('gone'))
    await expect(probe.asked).rejects.toThrow('gone')
    expect(breakerOf(chain, 'direct-db')).toBe('open')
    proxy.sever()
  })
})

describe('root fields', () => {
  it('go to the transport; a query is tried again on the next one', async () => {
    const dead = await serveSubgraph(stack.resources, [])
    await dead.close()
    const chain = chainOf([], {
      transports: [
        { strategy: 'http', subgraph: overHttp(dead.url) },
        { strategy: 'http', subgraph: overHttp(stack.url) },
      ],
    })
    const request = requestOf(operation('{ gems }'), {})
    expect(await chain.execute(request)).toMatchObject({ data: { gems: null } })
    expect(outcomes(request.tried)).toEqual(['http failed', 'http served'])
    expect(request.tried[0]).toMatchObject({ subgraph: 'gems', type: undefined })
  })

  it('of a mutation are not sent twice, unless they were not sent', async () => {
    const dead = await serveSubgraph(stack.resources, [])
    await dead.close()
    const asked: string[] = []
    const chain = chainOf([], {
      transports: [
        {
          strategy: 'http',
          subgraph: overHttp(dead.url),
          settings: { breaker: { consecutiveFailures: 1, openMs: 60_000 } },
        },
        { strategy: 'local', subgraph: spy(asked) },
      ],
    })
    await expect(chain.execute(requestOf(operation('mutation { cut }'), {}))).rejects.toThrow(SubgraphError)
    expect(asked).toEqual([])
    // The breaker is open now: nothing is sent to the first one.
    await chain.execute(requestOf(operation('mutation { cut }'), {}))
    expect(asked).toEqual(['execute'])
  })
})

it('closing waits for what is under way, and takes nothing new', async () => {
  const { proxy, driver } = await behindProxy()
  const chain = chainOf([{ strategy: 'direct-db', driver, settings: { timeoutMs: 20_000 } }])
  const ask = entityAsker(chain, '... on Gem { id }')
  proxy.loseAnswers()
  const stalled = ask([gem('zero')])
  await until('the statement to be lost', async () => proxy.lost > 0)
  const closed = chain.close()
  await expect(ask([gem('zero')])).rejects.toThrow(SubgraphError)
  proxy.sever()
  expect((await stalled).tried).toEqual(['direct-db failed', 'http served'])
  await closed
})

/** Answers what the subgraph does, and tells that it was asked. */
function spy(asked: string[]): Subgraph {
  const http = overHttp(stack.url)
  return {
    ...http,
    async execute(request) {
      asked.push('execute')
      return request.operation.kind === 'mutation' ? { data: { cut: true } } : await http.execute(request)
    },
  }
}

type Driver = Awaited<ReturnType<typeof openPatiently>>

/** Fails every second time, as a database does whose connections are cut. */
function flickering(driver: Driver): Driver {
  let calls = 0
  return {
    ...driver,
    select: (query, keys, signal) =>
      (calls += 1) % 2 === 1
        ? driver.select({ ...query, table: 'tb_gone' }, keys, signal)
        : driver.select(query, keys, signal),
  }
}

function createSqliteChain(driver: Driver, transport?: Subgraph, settings?: StepSettings) {
  return createTableChain(driver, gemMapping, transport, settings)
}

function createPostgresChain(driver: Driver, transport?: Subgraph, settings?: StepSettings) {
  return createTableChain(driver, mapping, transport, settings)
}

function createTableChain(
  driver: Driver,
  mapped: typeof gemMapping,
  subgraph: Subgraph = overHttp(stack.url),
  settings?: StepSettings,
) {
  const transport = { strategy: 'http', subgraph } as const
  const direct = { strategy: 'direct-db', driver, ...(settings && { settings }) } as const
  return chainOf([], {
    transports: [transport],
    entities: { Gem: { mapping: mapped, steps: [direct, transport] } },
  })
}
