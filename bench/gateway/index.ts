import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { composeSupergraph } from '../../src/graph/supergraph/compose-supergraph.ts'
import type { Benchmark } from '../support/benchmark.ts'
import { type Child, startChild } from '../support/child.ts'
import { familyCpuMs as cpuMs } from '../support/cpu.ts'
import { installPeers } from '../support/install-peers.ts'
import { LoadResult } from '../support/load.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import type { Section } from '../support/section.ts'
import { milliseconds, perSecond } from '../support/table.ts'
import { type Flavour, type SubgraphName, sdlOf } from './data.ts'

const GOAL = 1.3
const IN_FLIGHT = 32
const NAMES: SubgraphName[] = ['orders', 'customers']
const PEERS = ['mercurius', 'apollo', 'hive', 'hive-rust'] as const

interface Contender {
  name: string
  url: string
  child: Child
}

interface Measured extends LoadResult {
  contender: string
  round: number
  /** Of the gateway's process. */
  cpuMsEach: number
}

/** 20 orders with their customers from two subgraphs, through our gateway and through others. */
export const gateway: Benchmark = {
  name: 'gateway',
  what: "two subgraphs through our gateway, and through others'",
  async *measure({ quick }) {
    installPeers()
    const measured = await measureAll(quick)
    yield { ...sectionOf(measured, quick), measured }
  },
}

async function measureAll(quick: boolean): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hw-bench-gateway-'))
  const children: Child[] = []
  const start = async (module: string, options: unknown) => {
    const child = await startChild(new URL(module, import.meta.url), options)
    children.push(child)
    return child
  }
  try {
    const subgraphs = async (flavour: Flavour) =>
      await Promise.all(
        NAMES.map(async (name) => {
          const child = await start('subgraph.child.ts', { name, flavour })
          return { name, url: z.string().parse(await child.call('url')) }
        }),
      )
    const second = await subgraphs('federation2')
    const first = await subgraphs('federation1')
    const supergraph = composeSupergraph(
      second.map(({ name, url }) => ({ name, url, sdl: sdlOf(name, 'federation2') })),
    )
    const file = join(folder, 'supergraph.graphql')
    await writeFile(file, supergraph)
    const contender = async (name: string, child: Child): Promise<Contender> => ({
      name,
      child,
      url: z.string().parse(await child.call('url')),
    })
    const contenders = [
      await contender(
        'headwater',
        await start('headwater.child.ts', { file, dataDir: join(folder, 'data') }),
      ),
    ]
    for (const kind of PEERS) {
      const services = kind === 'mercurius' ? first : second
      contenders.push(
        await contender(kind, await start('../peers/gateway.child.ts', { kind, supergraph, services })),
      )
    }
    return await measure(contenders, await start('client.child.ts', {}), quick)
  } finally {
    for (const child of children.toReversed()) await child.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(contenders: Contender[], client: Child, quick: boolean): Promise<Measured[]> {
  const rounds = quick ? 2 : 6
  const durationMs = quick ? 1500 : 5000
  const measured: Measured[] = []
  for (let round = 0; round <= rounds; round++) {
    for (const { name, url, child } of contenders) {
      const before = cpuMs(child.pid) ?? Number.NaN
      const shape = { inFlight: IN_FLIGHT, warmUpMs: round === 0 ? 1000 : 0, durationMs }
      const load = LoadResult.parse(await client.call({ url, shape }))
      if (load.failed > 0) throw new Error(`${name}: ${load.failed} failed, ${load.firstFailure}`)
      // Of the warm-up nothing is counted, neither time nor requests: the first round is thrown away.
      const cpuMsEach = ((cpuMs(child.pid) ?? Number.NaN) - before) / load.count
      progress(
        `round ${round} of ${rounds}: ${name}: ${perSecond(load.rate)}, ${cpuMsEach.toFixed(3)} ms CPU each`,
      )
      if (round > 0) measured.push({ ...load, contender: name, round, cpuMsEach })
    }
  }
  return measured
}

function sectionOf(measured: Measured[], quick: boolean): Section {
  const of = (name: string) => measured.filter(({ contender }) => contender === name)
  const ours = of('headwater')
  const cpu = (name: string) => spreadOf(of(name).map(({ cpuMsEach }) => cpuMsEach)).median
  const best = PEERS.toSorted((one, other) => cpu(one) - cpu(other))[0]
  const rows = ['headwater', ...PEERS].map((name) => {
    const all = of(name)
    const middle = (value: (one: Measured) => number) => spreadOf(all.map(value)).median
    return [
      name,
      perSecond(middle(({ rate }) => rate)),
      milliseconds(middle(({ p50 }) => p50)),
      milliseconds(middle(({ p99 }) => p99)),
      milliseconds(cpu(name)),
    ]
  })
  return {
    title: 'Gateways: 20 orders with their customers out of two subgraphs',
    other: 'peer',
    comparisons: PEERS.map((peer) => ({
      what: `requests a CPU second, against ${peer}`,
      ratio: spreadOf(of(peer).map(({ cpuMsEach }, at) => cpuMsEach / (ours[at]?.cpuMsEach ?? Number.NaN))),
      ...(peer === best && !quick && { goal: { least: GOAL } }),
      ours: perSecond(1000 / cpu('headwater')),
      other: perSecond(1000 / cpu(peer)),
      note: peer === best ? 'the best of them' : undefined,
    })),
    tables: [[['gateway', 'requests', 'p50', 'p99', 'CPU a request'], ...rows]],
  }
}
