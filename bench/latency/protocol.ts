import { z } from 'zod'

export const LatencyRequest = z.object({
  run: z.string(),
  /** Commands a second. */
  rate: z.number(),
  warmUpMs: z.number(),
  durationMs: z.number(),
})
export type LatencyRequest = z.output<typeof LatencyRequest>

const Percentiles = z.object({ p50: z.number(), p99: z.number(), max: z.number() })

export const LatencyResult = z.object({
  commands: z.int(),
  failed: z.int(),
  /** Commands whose rows were not there ten seconds after the last one. */
  unseen: z.int(),
  wrongRows: z.int(),
  /** From the reply until the row was seen. */
  lagMs: Percentiles,
  /** From the moment that the command was due until the reply. */
  replyMs: Percentiles,
})
export type LatencyResult = z.output<typeof LatencyResult>
