import type { Benchmark } from '../support/benchmark.ts'
import { withBench } from '../support/stack.ts'
import { compareShape, detailLines } from './compare.ts'
import { measureShape } from './measure.ts'
import { PEER, measurePeer } from './peer.ts'
import { Shape } from './shape.ts'

const shapesOf = (only: string | undefined) => (only === undefined ? Shape.options : [Shape.parse(only)])

/** A projection built anew from a log, against the least that this can take. */
export const rebuild: Benchmark = {
  name: 'rebuild',
  what: 'a projection from a log of 100,000 and a million events, against bare consume and COPY',
  async *measure({ quick, only }) {
    const sizes = quick ? [20_000, 50_000] : [100_000, 1_000_000]
    for (const shape of shapesOf(only)) {
      const measured = await withBench((bench) =>
        measureShape(bench, { shape, sizes, rounds: quick ? 1 : 3 }),
      )
      yield {
        title: `Rebuild: ${shape}`,
        other: 'other',
        comparisons: compareShape(shape, measured),
        notes: detailLines(measured),
        measured,
      }
    }
  },
}

/** The same events, rebuilt by the peer's own API. */
export const rebuildPeer: Benchmark = {
  name: 'rebuild',
  peer: PEER,
  what: 'the same on Emmett with PostgreSQL',
  async *measure({ quick, only }) {
    const options = quick ? { events: 10_000, rounds: 1 } : { events: 50_000, rounds: 3 }
    for (const shape of shapesOf(only)) {
      const { comparisons, measured } = await withBench((bench) => measurePeer(bench, { shape, ...options }))
      yield { title: `Rebuild on ${PEER}: ${shape}`, other: PEER, comparisons, measured }
    }
  },
}
