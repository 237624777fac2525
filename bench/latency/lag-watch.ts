import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'

const EVERY_MS = 2
const PATIENCE_MS = 10_000

/**
 * Sees when the row of each commit has become visible to a reader. Rows and checkpoint change in one transaction, so
 * that a reader who sees a checkpoint sees all rows up to it: one row is asked for, again and again, instead of
 * thousands. A lag is up to one turn of this (2 ms and the query) longer than it was; a row that was there before the
 * reply counts as 0.
 */
export function createLagWatch(postgres: Client) {
  const values: number[] = []
  let waiting: { sequence: number; answeredAt: number }[] = []
  let seen = 0
  let sendingUntil = Number.POSITIVE_INFINITY

  const watching = watch()

  async function watch(): Promise<void> {
    while (performance.now() < sendingUntil + PATIENCE_MS) {
      if (sendingUntil < performance.now() && waiting.length === 0) return
      const { rows } = await postgres.query<{ sequence: string }>(
        `select sequence from tb_projection_checkpoint where projection = 'order'`,
      )
      const now = performance.now()
      seen = Math.max(seen, Number(rows[0]?.sequence ?? 0))
      for (const { sequence, answeredAt } of waiting) if (sequence <= seen) values.push(now - answeredAt)
      waiting = waiting.filter(({ sequence }) => sequence > seen)
      await delay(EVERY_MS)
    }
  }

  return {
    /** A command whose commit stands at this sequence was answered. */
    expect(sequence: number, answeredAt: number): void {
      if (sequence <= seen) values.push(0)
      else waiting.push({ sequence, answeredAt })
    },
    /** Nothing more will come: answers the lags in milliseconds, and how many commits were never seen. */
    async finish(): Promise<{ values: number[]; unseen: number }> {
      sendingUntil = performance.now()
      await watching
      return { values, unseen: waiting.length }
    },
  }
}
