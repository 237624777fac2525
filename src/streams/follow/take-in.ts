import { laneOf, ownLaneOf } from './names.ts'
import type { Item, SourceTail } from './source.ts'
import type { Term } from './term-options.ts'

const QUIET_MS = 10_000

/** Takes in what comes, as far as the window has room, and lets it be handled in its lane. Resolves when the term or the tail ends. */
export async function takeIn<Value>(term: Term<Value>, items: SourceTail<Value>): Promise<void> {
  const { window, lanes, parking, figures, label, logger, signal, order, fail } = term
  let toldAt = 0

  async function waitFor(room: Promise<void>): Promise<void> {
    // Most often for a moment; for long only when what is in work has to wait itself.
    if (figures.retrying > 0 && Date.now() - toldAt > QUIET_MS) {
      toldAt = Date.now()
      const { retrying, pending } = figures
      logger.warn(
        { follower: label, retrying, pending },
        `${label} takes nothing more in until what fails passes`,
      )
    }
    await room
  }

  async function work(item: Item<Value>, whole: string, own: string): Promise<void> {
    if (signal.aborted) return
    // Whatever the order is now: what is parked may be of a release with the other.
    const isParked = parking.blocks(whole) || parking.blocks(own)
    const lane = order === 'aggregate' ? whole : own
    const isDone = isParked || (await parking.handleOrPark(item, lane)) !== 'stopped'
    if (!isDone) return
    window.finish(item.sequence)
    figures.pending = Math.max(window.count, figures.pending - 1)
  }

  for await (const { item, pending } of items) {
    const room = window.room()
    if (room) await waitFor(room)
    if (signal.aborted) return
    const { aggregate, id, sequence, size } = item
    window.add(sequence, size)
    figures.pending = pending + window.count
    const whole = laneOf(aggregate, id)
    const own = ownLaneOf(aggregate, id, sequence)
    // What was parked in the order of its aggregate keeps that order until it is parked no more: what follows takes its turn behind it.
    const turn = order === 'aggregate' || parking.blocks(whole) ? whole : own
    lanes.add(turn, () => work(item, whole, own).catch(fail))
  }
}
