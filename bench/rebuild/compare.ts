import { spreadOf } from '../support/numbers.ts'
import { type Comparison, megabytes, perSecond, seconds } from '../support/table.ts'
import type { Measured } from './measure.ts'
import type { Shape } from './shape.ts'

/** Of the limit's rate; how far memory and the cost of an event may move over the sizes; the part of a whole rebuild. */
const LEAST_RATIO: Record<Shape, number> = { 'thousand-rows': 0.6, 'row-an-event': 0.5 }
const PEAK_MB = 400
const FLAT = { least: 0.85, most: 1.15 }
const PARTIAL = 0.1

const median = (values: number[]) => spreadOf(values).median

/** The table of one shape: against the limit at each size, then the largest size against the smallest. */
export function compareShape(shape: Shape, measured: Measured[]): Comparison[] {
  const sizes = [...new Set(measured.map(({ plan }) => plan.events))].sort((a, b) => a - b)
  const [small = 0, large = 0] = [sizes[0], sizes.at(-1)]
  const of = (events: number) => measured.filter(({ plan }) => plan.events === events)
  const wholes = of(large)
  const rebuildMs = median(wholes.map(({ rebuild }) => rebuild.ms))
  const peak = median(wholes.map(({ rebuild }) => rebuild.peakMb))
  const smallPeak = median(of(small).map(({ rebuild }) => rebuild.peakMb))
  const pairs = wholes.flatMap((whole) =>
    of(small)
      .filter(({ round }) => round === whole.round)
      .map((part) => ({ whole, part })),
  )
  const partials = wholes.flatMap(({ partial, rebuild }) => (partial ? [{ partial, rebuild }] : []))
  const perEvent = (ms: number, events: number) => `${((ms * 1000) / events).toFixed(2)} µs/event`
  return [
    ...sizes.flatMap((events) => againstLimit(shape, events, of(events))),
    {
      what: `peak memory of the rebuild, ${count(large)} events, to the limit of ${megabytes(PEAK_MB)}`,
      ratio: spreadOf(wholes.map(({ rebuild }) => rebuild.peakMb / PEAK_MB)),
      goal: { most: 1 },
      ours: megabytes(peak),
      other: megabytes(PEAK_MB),
    },
    {
      what: `peak memory of the rebuild, ${count(large)} to ${count(small)} events`,
      ratio: spreadOf(pairs.map(({ whole, part }) => whole.rebuild.peakMb / part.rebuild.peakMb)),
      goal: { most: FLAT.most },
      ours: megabytes(peak),
      other: megabytes(smallPeak),
    },
    {
      what: `time per event of the rebuild, ${count(large)} to ${count(small)} events`,
      ratio: spreadOf(pairs.map(({ whole, part }) => whole.rebuild.ms / large / (part.rebuild.ms / small))),
      goal: FLAT,
      ours: perEvent(rebuildMs, large),
      other: perEvent(median(of(small).map(({ rebuild }) => rebuild.ms)), small),
    },
    {
      what: `partial rebuild of 1 % of the aggregates, to the whole one, ${count(large)} events`,
      ratio: spreadOf(partials.map(({ partial, rebuild }) => partial.ms / rebuild.ms)),
      goal: { most: PARTIAL },
      ours: seconds(median(partials.map(({ partial }) => partial.ms))),
      other: seconds(rebuildMs),
      note: partials.some(({ partial }) => partial.gaveUp)
        ? 'given up when it took longer than the whole one'
        : undefined,
    },
  ]
}

function againstLimit(shape: Shape, events: number, rounds: Measured[]): Comparison[] {
  const rate = (ms: number[]) => perSecond((events * 1000) / median(ms))
  const limit = rate(rounds.map(({ limit: { ms } }) => ms))
  return [
    {
      what: `rebuild of ${count(events)} events, to bare consume and COPY`,
      ratio: spreadOf(rounds.map((one) => one.limit.ms / one.rebuild.ms)),
      goal: { least: LEAST_RATIO[shape] },
      ours: rate(rounds.map(({ rebuild }) => rebuild.ms)),
      other: limit,
    },
    {
      what: `live runner from nothing, ${count(events)} events, to the same`,
      ratio: spreadOf(rounds.map((one) => one.limit.ms / one.live.ms)),
      ours: rate(rounds.map(({ live }) => live.ms)),
      other: limit,
    },
  ]
}

const count = (events: number) => events.toLocaleString('en')

/** What the time went into, by round. */
export function detailLines(measured: Measured[]): string[] {
  return measured.map(({ plan, round, limit, live, rebuild, partial }) => {
    const parts = rebuild.phases.map(({ phase, ms }) => `${phase} at ${seconds(ms)}`)
    const rest = partial ? `; partial ${seconds(partial.ms)}` : ''
    return (
      `${count(plan.events)}, round ${round}: limit ${seconds(limit.ms)} (consumed after ${seconds(limit.consumeMs)}); ` +
      `live ${seconds(live.ms)}, peak ${megabytes(live.peakMb)}; rebuild ${seconds(rebuild.ms)} ` +
      `(${parts.join(', ')}), processor ${seconds(rebuild.cpuMs)}, peak ${megabytes(rebuild.peakMb)}${rest}`
    )
  })
}
