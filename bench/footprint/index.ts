import { setTimeout as delay } from 'node:timers/promises'
import type { Benchmark } from '../support/benchmark.ts'
import { spreadOf } from '../support/numbers.ts'
import { progress } from '../support/progress.ts'
import { type Bench, withBench } from '../support/stack.ts'
import { megabytes, seconds } from '../support/table.ts'
import { installSize } from './install-size.ts'
import { type Started, startFloor, startService } from './start.ts'

interface Measured {
  round: number
  contender: 'headwater' | 'floor'
  /** Into an empty folder, and again where everything is there; in milliseconds. */
  firstMs: number
  againMs: number
  /** Resident, after the rest, in MB. */
  restMb: number
}

/** How long it takes to start, and what it takes of memory while nobody asks anything, and of the disk. */
export const footprint: Benchmark = {
  name: 'footprint',
  what: 'time to start, memory at rest, size of an installation; against the bare servers and libraries',
  async *measure({ quick }) {
    const measured = await withBench((bench) => measure(bench, quick))
    const of = (contender: Measured['contender'], value: (one: Measured) => number) =>
      measured.filter((one) => one.contender === contender).map(value)
    const compare = (what: string, value: (one: Measured) => number, text: (amount: number) => string) => {
      const [ours, floor] = [of('headwater', value), of('floor', value)]
      return {
        what,
        ratio: spreadOf(ours.map((mine, at) => mine / (floor[at] ?? Number.NaN))),
        ours: text(spreadOf(ours).median),
        other: text(spreadOf(floor).median),
      }
    }
    const size = installSize()
    const mb = (value: number) => `${value.toFixed(1)} MB`
    yield {
      title: 'Start, memory at rest, size',
      other: 'bare',
      comparisons: [
        compare('from nothing until ready, with initdb', ({ firstMs }) => firstMs, seconds),
        compare('started again in the same folder, until ready', ({ againMs }) => againMs, seconds),
        compare('memory of the process at rest', ({ restMb }) => restMb, megabytes),
      ],
      tables: [
        [
          ['installation', 'size', 'files or packages'],
          ['the package, as it is sent', mb(size.tarballMb), `${size.files} files`],
          ['the package, unpacked', mb(size.unpackedMb), `${size.files} files`],
          ['its dependencies', mb(size.dependenciesMb), `${size.packages} packages`],
          ['the embedded servers (optional)', mb(size.serversMb), ''],
        ],
      ],
      notes: [
        'Bare: both servers started alike, a connection to each, Fastify with Mercurius and a schema of one field.',
        'Headwater: all contexts, projections, the feed, reactors and sagas; ready when /health/ready answers 200.',
      ],
      measured: { rounds: measured, size },
    }
  },
}

async function measure(bench: Bench, quick: boolean): Promise<Measured[]> {
  const restMs = quick ? 2000 : 20_000
  const starts = { headwater: startService, floor: startFloor } as const
  const measured: Measured[] = []
  for (let round = 1; round <= (quick ? 1 : 5); round++) {
    for (const contender of ['headwater', 'floor'] as const) {
      progress(`round ${round}: ${contender}`)
      const folder = await bench.folder()
      const start = async (): Promise<Started> => bench.closing(await starts[contender](folder))
      const first = await start()
      await first.stop()
      const again = await start()
      await delay(restMs)
      measured.push({ round, contender, firstMs: first.ms, againMs: again.ms, restMb: again.memoryMb() })
      await again.stop()
    }
  }
  return measured
}
