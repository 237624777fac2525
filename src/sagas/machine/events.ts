import { z } from 'zod'

/** Why a step did not succeed, in the words of whoever refused it. */
export const Failure = z.object({ status: z.int(), code: z.string(), detail: z.string() })
export type Failure = z.output<typeof Failure>

export const SentCommand = z.object({
  aggregate: z.string(),
  id: z.string(),
  command: z.string(),
  data: z.unknown(),
})

/** What became of a command that was accepted. */
export const Reply = z.object({ aggregate: z.string(), id: z.string(), version: z.int() })

const step = z.string()
const attempt = z.int().positive()
const instant = z.iso.datetime()

/** What happens to a saga. Every transition is one of these, and is in the log before anybody acts on it. */
export const sagaEvents = {
  'saga.started': z.object({
    /** Of the definition: the saga goes on with it whatever comes later. */
    version: z.int().positive(),
    input: z.unknown(),
    deadline: instant.optional(),
  }),
  /** These commands are sent now; each has an id made of saga, step and place, so that no attempt does it twice. */
  'saga.step-started': z.object({
    step,
    attempt,
    commands: z.array(SentCommand),
    /** How long they may take, in milliseconds. */
    timeoutMs: z.int().positive().optional(),
  }),
  'saga.step-waiting': z.object({
    step,
    for: z.enum(['event', 'decision', 'time']),
    until: instant.optional(),
  }),
  'saga.step-succeeded': z.object({
    step,
    attempt,
    replies: z.array(Reply).optional(),
    /** What a step that waited has heard. */
    heard: z.unknown().optional(),
  }),
  'saga.step-failed': z.object({
    step,
    attempt,
    failure: Failure,
    /** When it is tried again; it is not, unless given. */
    retryAt: instant.optional(),
    /** Something of it was done, or may have been: it has to be undone as well. */
    doubtful: z.boolean().optional(),
  }),
  /** It was taken for refused, and was accepted all the same: by somebody who had been at it for too long. */
  'saga.step-doubtful': z.object({ step }),
  /** Somebody has decided, before or while the saga waits for it. */
  'saga.signalled': z.object({ step, data: z.unknown() }),
  /** An event has come, before the saga waits for it, while it does, or too late, so that it is resumed with it. */
  'saga.observed': z.object({ step, data: z.unknown() }),
  /** It is to be undone: as soon as nothing runs any more. */
  'saga.cancelled': z.object({ reason: Failure }),
  'saga.compensating': z.object({ reason: Failure, step: step.optional() }),
  'saga.compensation-started': z.object({
    step,
    attempt,
    commands: z.array(SentCommand),
    ignore: z.array(z.string()).optional(),
  }),
  'saga.compensation-succeeded': z.object({ step, attempt, replies: z.array(Reply) }),
  'saga.compensation-failed': z.object({ step, attempt, failure: Failure, retryAt: instant.optional() }),
  /** It goes neither on nor back by itself: a person has to look. */
  'saga.parked': z.object({ code: z.string(), step, failure: Failure }),
  /** `done`: what it was parked for has been done by hand. */
  'saga.resumed': z.object({ done: z.boolean() }),
  'saga.completed': z.object({}),
  'saga.compensated': z.object({ reason: Failure }),
  /** Ended by a person as it was, whatever was left undone. */
  'saga.abandoned': z.object({ reason: Failure }),
}
