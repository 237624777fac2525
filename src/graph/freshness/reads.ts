import type { AppliedPositions } from '../../projections/positions/positions.ts'
import type { Position } from '../../streams/events/commit.ts'
import { checkPosition, raise } from './at-least.ts'
import type { ProjectionSource } from './projection-source.ts'
import type { TargetOf } from './target.ts'
import { within } from '../../streams/waiting/within.ts'

/** What one request reads of the projections: how far they have to be, and how far they were. */
export interface Reads {
  /** Before rows are read: waits until the projection has come to whatever this request has to see. */
  before(projection: ProjectionSource, atLeast?: Position | null): Promise<void>
  /** What is read from here on has to know of this position, if it comes from that stream. */
  require(position: Position): void
  /** By projection: how far it was when the request first read of it. Undefined when nothing was read. */
  report(): Record<string, ReadReport> | undefined
}

export interface ReadReport {
  /** By stream: the rows know of everything up to here, at least. */
  positions: Record<string, number>
  lagMs?: number
}

export interface ReadsOptions {
  applied: AppliedPositions
  /** The streams that a projection reads. */
  streamsOf: (projection: ProjectionSource) => readonly string[]
  targetOf: TargetOf
  /** How far behind it is, where this process can know. */
  lagOf: (projection: string) => number | undefined
  timeoutMs: number
}

/** @param atLeast what the request itself requires, by stream */
export function createReads(
  { applied, streamsOf, targetOf, lagOf, timeoutMs }: ReadsOptions,
  atLeast: ReadonlyMap<string, number>,
): Reads {
  const required = new Map(atLeast)
  const waits = new Map<string, Promise<void>>()
  const reports = new Map<string, ReadReport>()

  /** Fields that require the same of the same projection wait together. */
  function waitFor(projection: ProjectionSource, wanted: Position): Promise<void> {
    const key = `${projection.name} ${wanted.stream} ${wanted.sequence}`
    const wait = waits.get(key) ?? reached(projection, wanted)
    waits.set(key, wait)
    return wait
  }

  async function reached(projection: ProjectionSource, wanted: Position): Promise<void> {
    const { name } = projection
    if ((applied.known(name)?.get(wanted.stream) ?? 0) >= wanted.sequence) return
    const since = performance.now()
    const target = await within(timeoutMs, targetOf(projection, wanted)).catch(() => undefined)
    const left = Math.max(0, timeoutMs - (performance.now() - since))
    await applied.waitFor(name, target?.value ?? wanted, left)
  }

  return {
    async before(projection, own) {
      const { name } = projection
      if (required.size > 0 || own) {
        const streams = streamsOf(projection)
        const wanted = new Map([...required].filter(([stream]) => streams.includes(stream)))
        if (own) {
          checkPosition(own, name, streams)
          raise(wanted, own)
        }
        await Promise.all([...wanted].map(([stream, sequence]) => waitFor(projection, { stream, sequence })))
      }
      if (reports.has(name)) return
      const positions = applied.known(name)
      if (!positions) return
      const lagMs = lagOf(name)
      reports.set(name, {
        positions: Object.fromEntries(positions),
        ...(lagMs !== undefined && { lagMs }),
      })
    },
    require: (position) => raise(required, position),
    report: () => (reports.size > 0 ? Object.fromEntries(reports) : undefined),
  }
}
