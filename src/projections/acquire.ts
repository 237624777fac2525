import { SupersededError } from './errors.ts'
import { pause } from './pause.ts'
import { recordedVersion } from './prepare.ts'
import type { Session } from './session.ts'

/** Between two looks at the lock, in milliseconds: what a takeover takes at most after the other one's end. */
const STANDBY_POLL_MS = 500

/**
 * Waits for a projection's lock by asking again and again. Waiting inside PostgreSQL would be a statement without end,
 * whose snapshot keeps vacuum from cleaning up behind it.
 *
 * @param onStandby called when another process has the lock
 * @returns with the lock held
 * @throws SupersededError when the table is that of a newer version; the signal's reason
 */
export async function acquire(
  session: Session,
  { name, version }: { name: string; version: number },
  signal: AbortSignal,
  onStandby: () => void,
): Promise<void> {
  for (;;) {
    const recorded = await recordedVersion(session, name)
    if (recorded !== undefined && recorded > version) throw new SupersededError(name, version, recorded)
    if (await session.tryLock()) return
    onStandby()
    await pause(STANDBY_POLL_MS, signal)
    signal.throwIfAborted()
  }
}
