import { type ZodType, z } from 'zod'
import { Failure, Reply } from './events.ts'

const Reason = z.string().trim().min(1).max(500)

/** What anybody may say to a saga. `start` takes what the saga is started with. */
export function sagaCommands(input: ZodType) {
  return {
    start: input,
    /** Decides what a step waits for. */
    signal: z.object({ step: z.string(), data: z.unknown() }),
    /** Tries again what it was parked for; with `done`, takes it for done. */
    resume: z.object({ done: z.boolean().default(false) }),
    /** Undoes it; where that is not possible any more, ends it as it is. */
    abandon: z.object({ reason: Reason.default('abandoned by hand') }),
    /** An event that a step waits for; sent by the saga's own reactor. */
    observe: z.object({
      step: z.string(),
      data: z.unknown(),
      /** Of the definition: whose step waits for this very event. All, unless given. */
      versions: z.array(z.int()).optional(),
    }),
  }
}

/** How one attempt came off. */
export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), replies: z.array(Reply) }),
  /** For good. `partly`: other commands of the step were accepted, or nobody knows. */
  z.object({
    kind: z.literal('refused'),
    failure: Failure,
    partly: z.boolean(),
    /** It was refused before anybody could know whether an earlier attempt had been accepted. */
    unsure: z.boolean().optional(),
  }),
  /** For now: nobody answered, or there was no room. Whether something was done is not known. */
  z.object({ kind: z.literal('unavailable'), failure: Failure }),
])
export type Outcome = z.output<typeof Outcome>

/** What the saga's worker and its timers tell it, in this process only: these cannot be sent from outside. */
export const internalCommands = {
  record: z.object({ step: z.string(), attempt: z.int(), way: z.enum(['forth', 'back']), outcome: Outcome }),
  wake: z.discriminatedUnion('timer', [
    z.object({ timer: z.literal('deadline') }),
    z.object({ timer: z.literal('wait'), step: z.string() }),
    z.object({
      timer: z.literal('retry'),
      step: z.string(),
      attempt: z.int(),
      way: z.enum(['forth', 'back']),
    }),
  ]),
}
export type Timer = z.output<(typeof internalCommands)['wake']>
