import type { Position } from '../../streams/events/commit.ts'
import type { Positions } from './checkpoint.ts'
import type { Database } from '../database/database.ts'
import type { Logger } from '../../streams/logger.ts'
import { listenForNotices } from './notice-listener.ts'
import { ProjectionBehindError } from './position-errors.ts'
import { createPositionWaiters } from './position-waiters.ts'

/** How far the projections have come, whichever process runs them, as this one has heard. One a process. */
export interface AppliedPositions {
  /** What is known of a projection; undefined while nothing is, because PostgreSQL is not reached. */
  known(projection: string): Positions | undefined
  /**
   * Waits until a projection has applied a commit: every statement that is sent after that finds its rows.
   * @throws ProjectionBehindError when the time is up; TooManyWaitingError
   */
  waitFor(projection: string, wanted: Position, timeoutMs: number): Promise<void>
  /** Lets nobody wait any longer. */
  close(): Promise<void>
}

export interface PositionsOptions {
  database: Pick<Database, 'options' | 'schema'>
  logger: Pick<Logger, 'debug' | 'warn'>
  /** How many may wait at a time. */
  maxWaiting?: number
}

const MAX_WAITING = 10_000
/**
 * While somebody waits, one look at the checkpoints every so often, for all: it finds what moved without a notice (the
 * runner of a release that sends none), and a connection that is dead without knowing it.
 */
const LOOK_MS = 500

/**
 * Listens to the runners and keeps the newest position of each projection and stream. It reads the checkpoints once when
 * it begins to listen, and from then on the notices say everything: to wait costs no statement. What was known goes with
 * the connection: PostgreSQL may have crashed, and the last batches with it (their transactions do not wait for the disk).
 *
 * Resolves when the first attempt to listen has led somewhere; when that was a failure, it goes on trying.
 */
export async function openPositions({
  database,
  logger,
  maxWaiting = MAX_WAITING,
}: PositionsOptions): Promise<AppliedPositions> {
  const positions = new Map<string, Map<string, number>>()
  const waiters = createPositionWaiters(maxWaiting)
  let isComplete = false
  let looks: NodeJS.Timeout | undefined

  /** Forwards only: a look may answer later than a notice that was sent after it. */
  function advance(projection: string, stream: string, sequence: number): void {
    const streams = positions.get(projection) ?? new Map<string, number>()
    positions.set(projection, streams)
    if (sequence <= (streams.get(stream) ?? -1)) return
    streams.set(stream, sequence)
    waiters.reached(projection, stream, sequence)
  }

  const listener = listenForNotices({
    database,
    logger,
    onNotice(notice) {
      for (const [stream, sequence] of Object.entries(notice.positions))
        advance(notice.projection, stream, sequence)
    },
    onCheckpoints(checkpoints) {
      isComplete = true
      for (const { projection, stream, sequence } of checkpoints) advance(projection, stream, sequence)
    },
    onLost() {
      isComplete = false
      positions.clear()
    },
  })

  function look(): void {
    void listener.look()
    if (waiters.size > 0) return
    clearInterval(looks)
    looks = undefined
  }

  const reached = (projection: string, stream: string) => positions.get(projection)?.get(stream)

  await listener.settled
  return {
    known(projection) {
      return isComplete ? (positions.get(projection) ?? new Map()) : undefined
    },
    async waitFor(projection, wanted, timeoutMs) {
      const { stream, sequence } = wanted
      if ((reached(projection, stream) ?? 0) >= sequence) return
      looks ??= setInterval(look, LOOK_MS).unref()
      if (await waiters.wait(projection, wanted, timeoutMs)) return
      const found = isComplete ? (reached(projection, stream) ?? 0) : undefined
      throw new ProjectionBehindError(projection, wanted, found)
    },
    async close() {
      clearInterval(looks)
      waiters.close()
      await listener.close()
    },
  }
}
