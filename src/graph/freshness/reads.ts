import type { AppliedPositions } from '../../projections/positions/positions.ts'
import type { Position } from '../../streams/events/commit.ts'
import { checkPosition, raise } from './at-least.ts'
import type { ProjectionSource } from './projection-source.ts'

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
  /** How far behind it is, where this process can know. */
  lagOf: (projection: string) => number | undefined
  timeoutMs: number
}

/** @param atLeast what the request itself requires, by stream */
export function createReads(
  { applied, streamsOf, lagOf, timeoutMs }: ReadsOptions,
  atLeast: ReadonlyMap<string, number>,
): Reads {
  const required = new Map(atLeast)
  const waits = new Map<string, Promise<void>>()
  const reports = new Map<string, ReadReport>()

  /** Fields that require the same of the same projection wait together. */
  function waitFor(projection: string, wanted: Position): Promise<void> {
    const key = `${projection} ${wanted.stream} ${wanted.sequence}`
    const known = waits.get(key)
    if (known) return known
    const wait = applied.waitFor(projection, wanted, timeoutMs)
    waits.set(key, wait)
    return wait
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
        await Promise.all([...wanted].map(([stream, sequence]) => waitFor(name, { stream, sequence })))
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
