import { installPeers } from '../support/install-peers.ts'
import type { LoadResult } from '../support/load.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import type { Part } from '../support/section.ts'
import type { Bench } from '../support/stack.ts'
import { type Comparison, milliseconds, perSecond } from '../support/table.ts'
import { type Contender, headwater, peerClient } from './contender.ts'
import { restate } from './restate.ts'

interface Peer {
  /** How many commands in flight: those that the peer is at its best with are among them. */
  inFlight: number[]
  goal: number
  start(bench: Bench): Promise<Contender[]>
}

const PEERS: Record<string, Peer> = {
  emmett: { inFlight: [1, 16, 64], goal: 8, start: startEmmett },
  restate: {
    inFlight: [1, 64, 256],
    goal: 12,
    start: async (bench) => [await restate(bench, true), await restate(bench, false)],
  },
}

async function startEmmett(bench: Bench): Promise<Contender[]> {
  const { url } = await bench.postgres()
  const off = new URL(url)
  off.searchParams.set('options', '-c synchronous_commit=off')
  const start = (name: string, durability: string, address: string) =>
    peerClient(bench, 'emmett.child.ts', { name, durability, url: address })
  return [
    await start('emmett', 'fsynced', url),
    await start('emmett, synchronous_commit off', 'neither written nor fsynced', off.href),
  ]
}

interface Measured extends LoadResult {
  contender: string
  durability: string
  inFlight: number
  round: number
}

/** The same orders, the same decider, on Headwater and on a peer, interleaved on the same cores. */
export async function measurePeer(bench: Bench, name: string, quick: boolean): Promise<Part> {
  const peer = Object.hasOwn(PEERS, name) ? PEERS[name] : undefined
  if (!peer) throw new RangeError(`There is no peer ${name}; there are ${Object.keys(PEERS).join(', ')}`)
  installPeers()
  const ours = [await headwater(bench, 'default'), await headwater(bench, 'always')]
  const theirs = await peer.start(bench)
  const rounds = quick ? 2 : 4
  const durationMs = quick ? 1500 : 4000
  const measured: Measured[] = []
  const inFlights = [...new Set([...peer.inFlight, 256])]
  for (let round = 0; round <= rounds; round++) {
    for (const inFlight of inFlights) {
      for (const [place, contender] of [...ours, ...theirs].entries()) {
        if (!ours.includes(contender) && !peer.inFlight.includes(inFlight)) continue
        const shape = { inFlight, warmUpMs: durationMs / 4, durationMs: round === 0 ? 1000 : durationMs }
        const load = await contender.orders(`${place}-${round}-${inFlight}`, shape)
        progress(`round ${round} of ${rounds}: ${contender.name} ${inFlight}: ${perSecond(load.rate)}`)
        const { name: of, durability } = contender
        if (round > 0) measured.push({ ...load, contender: of, durability, inFlight, round })
      }
    }
  }
  const pairs = ours.flatMap((mine) => theirs.map((its) => ({ mine, its })))
  const comparisons = pairs.flatMap(({ mine, its }) => [
    ...peer.inFlight.map((inFlight) => compare(measured, mine, its, { mine: inFlight, its: inFlight })),
    // Each at the number in flight that it is best with; the goal is about the two as they are shipped.
    {
      ...compare(measured, mine, its, { mine: best(measured, mine), its: best(measured, its) }),
      what: `each at its best: ${best(measured, mine)} and ${best(measured, its)} in flight`,
      ...(mine === ours[0] && its === theirs[0] && { goal: { least: peer.goal } }),
    },
  ])
  return {
    title: `Commands against ${name}`,
    comparisons,
    measured,
    other: name,
    notes: [
      'Both sides’ durability when a command is answered is in the note: written = it survives the end of the process,',
      'fsynced = it survives a power cut too. Compare equals with equals; the first pair is what each is shipped with.',
    ],
  }
}

const of = (measured: Measured[], { name }: Contender, inFlight: number) =>
  measured.filter((one) => one.contender === name && one.inFlight === inFlight)

function best(measured: Measured[], contender: Contender): number {
  const counts = [...new Set(measured.map(({ inFlight }) => inFlight))]
  const rate = (count: number) => spreadOf(of(measured, contender, count).map((one) => one.rate)).median || 0
  return counts.reduce((most, count) => (rate(count) > rate(most) ? count : most))
}

function compare(
  measured: Measured[],
  mine: Contender,
  its: Contender,
  inFlight: { mine: number; its: number },
): Comparison {
  const ours = of(measured, mine, inFlight.mine)
  const theirs = of(measured, its, inFlight.its)
  const text = (loads: Measured[]) =>
    `${perSecond(spreadOf(loads.map(({ rate }) => rate)).median)} p50 ${milliseconds(spreadOf(loads.map(({ p50 }) => p50)).median)}`
  const failed = (loads: Measured[]) => loads.reduce((sum, load) => sum + load.failed, 0)
  const failures = [
    failed(ours) > 0 ? `${failed(ours)} of ours failed` : '',
    failed(theirs) > 0 ? `${failed(theirs)} of theirs failed` : '',
  ].filter(Boolean)
  return {
    what: `${inFlight.mine} in flight`,
    ratio: spreadOf(ours.map(({ rate }, at) => rate / (theirs[at]?.rate ?? Number.NaN))),
    ours: text(ours),
    other: text(theirs),
    note: [`${mine.name} (${mine.durability}) : ${its.name} (${its.durability})`, ...failures].join('; '),
  }
}
