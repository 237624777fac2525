import { HeadwaterError } from '../../streams/errors.ts'
import type { Positions } from '../positions/checkpoint.ts'
import { positionOf, reason } from '../errors.ts'
import type { Backlog } from '../sources/commit-queue.ts'
import { createMeter } from './meter.ts'
import type { ParkingLot } from '../parking/parking-lot.ts'
import type { ProjectionFailure, ProjectionState, ProjectionStatus } from './status.ts'

/** What a runner knows of itself, and how it shows. */
export interface RunnerState {
  become(state: 'standby' | 'rebuilding' | 'superseded' | 'stopped'): void
  /** It is `down` from here on until `recovered`, whatever the runner does on the way. */
  failed(error: unknown): ProjectionFailure
  recovered(): void
  /** Where the checkpoints are. */
  at(positions: Positions): void
  applied(batch: { commits: number; events: number; ms: number }): void
  /** Where the queue's backlog is to be asked for. */
  reads(backlog: () => Backlog): void
  /** Where it is to be asked how much is parked. */
  parks(lot: Pick<ParkingLot, 'parked' | 'queued'>): void
  status(): ProjectionStatus
  readonly isDown: boolean
}

const NOTHING_PARKED: Pick<ParkingLot, 'parked' | 'queued'> = { parked: 0, queued: 0 }

export function createRunnerState(name: string, lagThresholdMs: number): RunnerState {
  let state: ProjectionState = 'starting'
  let lastError: ProjectionFailure | null = null
  let positions: Record<string, number> = {}
  let backlog: () => Backlog = () => ({ events: 0, pending: new Map(), oldest: undefined })
  let lot = NOTHING_PARKED
  let eventsApplied = 0
  let lastBatch: ProjectionStatus['lastBatch'] = null
  const meter = createMeter()

  return {
    get isDown() {
      return state === 'down'
    },
    become(next) {
      state = next
      if (next !== 'standby') return
      // Another process has the projection now, and its failures are that one's to tell.
      lastError = null
      lot = NOTHING_PARKED
    },
    failed(error) {
      state = 'down'
      lastError = failureOf(error)
      return lastError
    },
    recovered() {
      state = 'up'
      lastError = null
    },
    at(moved) {
      positions = { ...positions, ...Object.fromEntries(moved) }
    },
    applied({ commits, events, ms }) {
      eventsApplied += events
      meter.add(events)
      lastBatch = { commits, events, ms, at: new Date().toISOString() }
    },
    reads(source) {
      backlog = source
    },
    parks(next) {
      lot = next
    },
    status() {
      const { events, pending, oldest } = backlog()
      const lagMs = oldest === undefined ? 0 : Math.max(0, Date.now() - oldest)
      return {
        name,
        state: state === 'up' && lagMs > lagThresholdMs ? 'lagging' : state,
        positions: Object.fromEntries(
          Object.entries(positions).map(([stream, applied]) => [
            stream,
            { applied, pending: pending.get(stream) ?? 0 },
          ]),
        ),
        lagEvents: events,
        lagMs,
        parked: lot.parked,
        queued: lot.queued,
        eventsApplied,
        ratePerSecond: Math.round(meter.perSecond() * 10) / 10,
        lastBatch,
        lastError,
      }
    },
  }
}

function failureOf(error: unknown): ProjectionFailure {
  const position = positionOf(error)
  return {
    code: error instanceof HeadwaterError ? error.code : 'PROJECTION_FAILED',
    message: reason(error),
    at: new Date().toISOString(),
    ...(position && { position }),
  }
}
