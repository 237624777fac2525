import type { ProjectionDefinition } from '../definition/definition.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { Session } from '../database/session.ts'
import type { SourceStream } from '../sources/source-streams.ts'
import { tableState } from '../tables/table-state.ts'

/** Between two looks at the lock, in milliseconds: what a takeover takes at most after the other one's end. */
const STANDBY_POLL_MS = 500

export interface AcquireOptions {
  session: Session
  projection: ProjectionDefinition
  streams: readonly SourceStream[]
  signal: AbortSignal
  /** Called, at each look, when another process has the lock. */
  onStandby: () => void
  /** Called, at each look, when the table has to be built anew first. */
  onOutdated: () => Promise<void>
}

/**
 * Waits for a projection's lock by asking again and again. Waiting inside PostgreSQL would be a statement without end,
 * whose snapshot keeps vacuum from cleaning up behind it. A table of an older definition is left to whoever still runs it.
 *
 * @returns with the lock held
 * @throws SupersededError when the table is that of a newer definition; the signal's reason
 */
export async function acquire(options: AcquireOptions): Promise<void> {
  const { session, projection, streams, signal, onStandby, onOutdated } = options
  for (;;) {
    if ((await tableState(session.db, projection, streams)) === 'outdated') await onOutdated()
    else if (await session.tryLock()) return
    else onStandby()
    await pause(STANDBY_POLL_MS, signal)
    signal.throwIfAborted()
  }
}
