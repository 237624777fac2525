import { z } from 'zod'
import { LogPlan } from './shape.ts'

export const LimitRequest = z.object({ stream: z.string(), events: z.int(), table: z.string() })
export type LimitRequest = z.output<typeof LimitRequest>
export const LimitResult = z.object({ ms: z.number(), consumeMs: z.number() })

/** What a process of ours is started with: one log, and a schema. */
export const OursOptions = z.object({
  url: z.string(),
  database: z.string(),
  schema: z.string(),
  plan: LogPlan,
})

/** `follow` runs the live projection from its checkpoint until it is at the end; `rebuild` asks for a rebuild then. */
export const OursRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('follow') }),
  z.object({
    kind: z.literal('rebuild'),
    from: z.int().optional(),
    /** How long it may take before it is cancelled, in milliseconds. */
    patienceMs: z.number(),
  }),
])

export const FollowResult = z.object({ ms: z.number(), peakMb: z.number() })
export const RebuildResult = z.object({
  ms: z.number(),
  /** It took too long, and was cancelled. */
  gaveUp: z.boolean(),
  /** The processor time of this process meanwhile. */
  cpuMs: z.number(),
  /** The most memory that the process has had, from its start. */
  peakMb: z.number(),
  /** When each phase began, in milliseconds from the start of the job. */
  phases: z.array(z.object({ phase: z.string(), ms: z.number() })),
})
export type RebuildResult = z.output<typeof RebuildResult>
