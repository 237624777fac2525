import { describeMachine } from '../support/machine.ts'
import { saveReport } from '../support/results.ts'
import { withBench } from '../support/stack.ts'
import { comparisonTable } from '../support/table.ts'
import { compareShape, detailLines } from './compare.ts'
import { type Measured, measureShape } from './measure.ts'
import { PEER, measurePeer } from './peer.ts'
import { Shape } from './shape.ts'

export interface RebuildOptions {
  quick: boolean
  peer?: string | undefined
  only?: string | undefined
  json?: string | undefined
}

/** `npm run bench -- rebuild`: a projection built anew from a log, against the least that this can take. */
export async function benchRebuild({ quick, peer, only, json }: RebuildOptions): Promise<void> {
  if (peer !== undefined && peer !== PEER) throw new RangeError(`There is no peer ${peer}; there is ${PEER}`)
  const shapes = only === undefined ? Shape.options : [Shape.parse(only)]
  const machine = describeMachine()
  const startedAt = new Date().toISOString()
  console.log(`${machine.cpu}, ${machine.usable} of ${machine.cores} cores, Node ${machine.node}\n`)
  const results: Record<string, unknown> = {}
  for (const shape of shapes)
    results[shape] = peer === undefined ? await own(shape, quick) : await peers(shape, quick)
  const benchmark = peer === undefined ? 'rebuild' : `rebuild-${peer}`
  console.log(`Saved ${saveReport({ benchmark, quick, startedAt, machine, results }, json)}`)
}

async function own(shape: Shape, quick: boolean) {
  const sizes = quick ? [20_000, 50_000] : [100_000, 1_000_000]
  const measured: Measured[] = await withBench((bench) =>
    measureShape(bench, { shape, sizes, rounds: quick ? 1 : 3 }),
  )
  const comparisons = compareShape(shape, measured)
  console.log([shape, comparisonTable(comparisons, 'other'), ...detailLines(measured), ''].join('\n'))
  return { comparisons, measured }
}

async function peers(shape: Shape, quick: boolean) {
  const options = quick ? { events: 10_000, rounds: 1 } : { events: 50_000, rounds: 3 }
  const { comparisons, measured } = await withBench((bench) => measurePeer(bench, { shape, ...options }))
  console.log([shape, comparisonTable(comparisons, PEER), ''].join('\n'))
  return { comparisons, measured }
}
