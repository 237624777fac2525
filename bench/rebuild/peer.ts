import { Client } from 'pg'
import { z } from 'zod'
import { startChild } from '../support/child.ts'
import { installPeers } from '../support/install-peers.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import type { Bench } from '../support/stack.ts'
import { type Comparison, perSecond } from '../support/table.ts'
import { assertSame, checksum } from './checksum.ts'
import { EMMETT_TABLE, type Pulling } from './emmett-protocol.ts'
import { PATIENCE_MS, settle, startOurs } from './measure.ts'
import { RebuildResult } from './protocol.ts'
import type { Shape } from './shape.ts'
import { writeLog } from './write-log.ts'

export const PEER = 'emmett'
/** How many times its best. */
const GOAL = 5

interface Setting {
  name: string
  /** Whether its transactions wait for the disk, as PostgreSQL is shipped. */
  isSynchronous: boolean
  pulling: Pulling
}

const SETTINGS: Setting[] = [
  { name: 'as it comes', isSynchronous: true, pulling: {} },
  ...[1000, 10_000].map((batchSize) => ({
    name: `batches of ${batchSize.toLocaleString('en')}, no pause, synchronous_commit off`,
    isSynchronous: false,
    pulling: { batchSize, pullingFrequencyInMs: 0 },
  })),
]

interface Measured {
  setting: string
  round: number
  ms: number
  oursMs: number
}

export interface PeerOptions {
  shape: Shape
  events: number
  rounds: number
}

/** The same events in Emmett's own store, rebuilt by its own API into the same table, in turns with ours. */
export async function measurePeer(bench: Bench, { shape, events, rounds }: PeerOptions) {
  installPeers()
  const plan = { shape, events }
  const { url } = await bench.nats()
  const { url: database } = await bench.postgres()
  const { url: theirDatabase } = await bench.postgres()
  const [postgres, theirs] = [await open(bench, database), await open(bench, theirDatabase)]
  await writeLog(bench, url, plan)
  const off = new URL(theirDatabase)
  off.searchParams.set('options', '-c synchronous_commit=off')
  const module = new URL('../peers/emmett-rebuild.child.ts', import.meta.url)
  const slow = bench.closing(await startChild(module, { url: theirDatabase }))
  const fast = bench.closing(await startChild(module, { url: off.href }))
  progress('filling the store of Emmett')
  await fast.call({ kind: 'fill', plan })
  const ours = await startOurs(bench, { url, database, postgres }, plan, 'public')
  await ours.call({ kind: 'follow' })
  const expected = await checksum(postgres, 'public', 'tb_wallet_projection')

  const measured: Measured[] = []
  for (let round = 1; round <= rounds; round++) {
    await settle(postgres)
    const { ms: oursMs } = RebuildResult.parse(await ours.call({ kind: 'rebuild', patienceMs: PATIENCE_MS }))
    assertSame('The rebuild', await checksum(postgres, 'public', 'tb_wallet_projection'), expected)
    for (const [place, { name, isSynchronous, pulling }] of SETTINGS.entries()) {
      progress(`${shape}, round ${round} of ${rounds}: Emmett, ${name}`)
      await settle(theirs)
      const request = { kind: 'rebuild', name: `wallet_${round}_${place}`, events, pulling }
      const { ms } = z.object({ ms: z.number() }).parse(await (isSynchronous ? slow : fast).call(request))
      assertSame('Emmett', await checksum(theirs, 'public', EMMETT_TABLE), expected)
      measured.push({ setting: name, round, ms, oursMs })
    }
  }
  return { comparisons: compare(measured, events), measured }
}

async function open(bench: Bench, connectionString: string): Promise<Client> {
  const client = new Client({ connectionString })
  await client.connect()
  bench.closing({ stop: () => client.end() })
  return client
}

/** The goal is about the setting that it is best with. */
function compare(measured: Measured[], events: number): Comparison[] {
  const of = (setting: string) => measured.filter((one) => one.setting === setting)
  const time = (setting: string) => spreadOf(of(setting).map(({ ms }) => ms)).median
  const names = SETTINGS.map(({ name }) => name)
  const best = names.reduce((least, name) => (time(name) < time(least) ? name : least))
  const rate = (ms: number[]) => perSecond((events * 1000) / spreadOf(ms).median)
  return names.map((name) => ({
    what: `rebuild of ${events.toLocaleString('en')} events; Emmett ${name}`,
    ratio: spreadOf(of(name).map(({ ms, oursMs }) => ms / oursMs)),
    ...(name === best && { goal: { least: GOAL } }),
    ours: rate(of(name).map(({ oursMs }) => oursMs)),
    other: rate(of(name).map(({ ms }) => ms)),
    note: name === best ? 'its best' : undefined,
  }))
}
