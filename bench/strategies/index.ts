import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { z } from 'zod'
import { customers } from '../gateway/data.ts'
import type { Benchmark } from '../support/benchmark.ts'
import { type Child, startChild } from '../support/child.ts'
import { LoadResult } from '../support/load.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import type { Section } from '../support/section.ts'
import { type Bench, withBench } from '../support/stack.ts'
import { milliseconds, perSecond } from '../support/table.ts'

const IN_FLIGHT = 32
const NAMES = ['http', 'direct-db', 'local'] as const
type Name = (typeof NAMES)[number]

interface Measured extends LoadResult {
  strategy: Name
  round: number
}

/**
 * 20 orders of a subgraph that costs next to nothing, with their customers of the real context, by each way to them in turn.
 * Everything shares two cores: what a way spares elsewhere is part of its gain.
 */
export const strategies: Benchmark = {
  name: 'strategies',
  what: 'an entity of another subgraph: over HTTP, from its database, in the same process',
  async *measure({ quick }) {
    const measured = await withBench((bench) => measure(bench, quick))
    yield { ...sectionOf(measured, quick), measured }
  },
}

async function measure(bench: Bench, quick: boolean): Promise<Measured[]> {
  const { url: nats } = await bench.nats()
  const { url: postgres } = await bench.postgres()
  const start = async (module: string, options: unknown): Promise<Child> =>
    bench.closing(await startChild(new URL(module, import.meta.url), options))
  const urlOf = async (child: Child, request = 'url') => z.string().parse(await child.call(request))
  const folder = await bench.folder()
  const dataDir = (name: string) => join(folder, name)

  const orders = await urlOf(
    await start('../gateway/subgraph.child.ts', { name: 'orders', flavour: 'federation2' }),
  )
  const service = await start('service.child.ts', { nats, postgres, dataDir: dataDir('service') })
  const subgraph = await urlOf(service, 'fill')
  await projected(postgres)
  const gateway = (strategy: 'http' | 'direct-db') =>
    start('gateway.child.ts', { strategy, orders, customers: subgraph, postgres, dataDir: dataDir(strategy) })
  const urls: Record<Name, string> = {
    http: await urlOf(await gateway('http')),
    'direct-db': await urlOf(await gateway('direct-db')),
    local: await urlOf(
      await start('service.child.ts', { nats, postgres, dataDir: dataDir('local'), orders }),
    ),
  }
  const client = await start('../gateway/client.child.ts', {})
  const rounds = quick ? 2 : 6
  const durationMs = quick ? 1500 : 5000
  const measured: Measured[] = []
  for (let round = 0; round <= rounds; round++) {
    for (const strategy of NAMES) {
      const shape = { inFlight: IN_FLIGHT, warmUpMs: round === 0 ? 1000 : 200, durationMs }
      const load = LoadResult.parse(await client.call({ url: urls[strategy], shape }))
      if (load.failed > 0) throw new Error(`${strategy}: ${load.failed} failed, ${load.firstFailure}`)
      progress(`round ${round} of ${rounds}: ${strategy}: ${perSecond(load.rate)}`)
      if (round > 0) measured.push({ ...load, strategy, round })
    }
  }
  return measured
}

async function projected(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    for (;;) {
      const { rowCount } = await client.query('select from tb_customer_projection')
      if ((rowCount ?? 0) >= customers.length) return
      await delay(50)
    }
  } finally {
    await client.end()
  }
}

function sectionOf(measured: Measured[], quick: boolean): Section {
  const of = (name: Name) => measured.filter(({ strategy }) => strategy === name)
  const rate = (name: Name) => spreadOf(of(name).map((one) => one.rate)).median
  const compare = (one: Name, other: Name, least: number) => ({
    what: `${one} against ${other}`,
    ratio: spreadOf(of(one).map((mine, at) => mine.rate / (of(other)[at]?.rate ?? Number.NaN))),
    ...(!quick && { goal: { least } }),
    ours: perSecond(rate(one)),
    other: perSecond(rate(other)),
  })
  const rows = NAMES.map((name) => [
    name,
    perSecond(rate(name)),
    milliseconds(spreadOf(of(name).map(({ p50 }) => p50)).median),
    milliseconds(spreadOf(of(name).map(({ p99 }) => p99)).median),
  ])
  return {
    title: 'Strategies: the same 20 customers, by each way',
    other: 'other',
    comparisons: [compare('direct-db', 'http', 1.4), compare('local', 'direct-db', 1)],
    tables: [[['strategy', 'requests', 'p50', 'p99'], ...rows]],
  }
}
