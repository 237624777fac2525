import { z } from 'zod'
import { LogPlan } from './shape.ts'

export const EMMETT_TABLE = 'emmett_wallet'

/** Emmett's settings of a rebuild; what is left out is as it comes. */
export const Pulling = z.object({
  batchSize: z.int().optional(),
  pullingFrequencyInMs: z.number().optional(),
})
export type Pulling = z.output<typeof Pulling>

export const EmmettRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fill'), plan: LogPlan }),
  z.object({ kind: z.literal('rebuild'), name: z.string(), events: z.int(), pulling: Pulling }),
])
