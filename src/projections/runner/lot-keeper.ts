import { type Positions, checkCheckpoints } from '../positions/checkpoint.ts'
import { reason } from '../errors.ts'
import type { Logger } from '../../streams/logger.ts'
import { type ReleaseOptions, type Wanted, releaseChunk } from './release-parked.ts'

/** Does for a running projection what people want done with its parked events, between its batches. */
export interface LotKeeper {
  /**
   * Looks, when it is time to, and does it; for about a second at most, so that a long queue does not stop the others.
   * Between two batches nothing else writes to the table: what arrives meanwhile comes after.
   *
   * @throws CheckpointConflictError when the table is no longer this one's; errors that say nothing about an event
   */
  tend(positions: Positions): Promise<void>
  /** How long until it is time again, in milliseconds. */
  patience(): number
}

const LOOK_MS = 1000
/** With nothing parked it only sees whether the table is still the same one: what a rebuild has parked comes with its table. */
const IDLE_LOOK_MS = 3000
const BUDGET_MS = 1000
const AT_ONCE = 100

const WANTED = `
  select stream, aggregate, aggregate_id as id, action from tb_parked_event
  where projection = $1 and target = 'live' and status = 'parked' and action is not null
  order by updated_at, stream, sequence, event_index limit ${AT_ONCE}`

export function createLotKeeper(options: ReleaseOptions, logger: Logger): LotKeeper {
  const { session, standing, lot } = options
  const { projection } = standing
  let next = 0

  async function release(positions: Positions, wanted: Wanted): Promise<void> {
    const { aggregate, id, action } = wanted
    const release = await releaseChunk(options, positions, wanted)
    const about = { projection, aggregate, id, action, applied: release.applied }
    if (release.outcome === 'parked')
      logger.warn(about, `a parked event fails again: ${reason(release.cause)}`)
    else if (release.outcome === 'empty') logger.info(about, 'what was parked is taken care of')
  }

  return {
    async tend(positions) {
      const now = performance.now()
      if (now < next) return
      next = now + (lot.parked > 0 ? LOOK_MS : IDLE_LOOK_MS)
      if (lot.parked === 0) {
        await checkCheckpoints(session.client, standing, positions)
        return
      }
      for (;;) {
        const { rows } = await session.client.query<Wanted>(WANTED, [projection])
        if (rows.length === 0) return
        for (const wanted of rows) {
          await release(positions, wanted)
          if (performance.now() - now > BUDGET_MS) {
            next = 0
            return
          }
        }
      }
    },
    patience: () => Math.max(0, next - performance.now()),
  }
}
