import type { ZodType, output } from 'zod'
import type { AddressedCommand } from '../commands/definition/command-to.ts'
import type { AwaitedEvent } from './await-event.ts'
import type { RetryPolicy } from './retry.ts'

/** What a step may know when it makes up its commands. It is pure: whatever it needs is in here. */
export interface StepContext<Input = unknown> {
  /** The saga's id. */
  readonly id: string
  readonly input: Input
  /** When the step began, ISO 8601 in UTC. */
  readonly time: string
  /**
   * What an earlier step that waited has heard: the data of the event, or of the decision.
   * @throws ZodError when it does not fit; TypeError when that step has not succeeded
   */
  heard<Schema extends ZodType>(this: void, step: string, schema: Schema): output<Schema>
}

/** One command, several that are sent side by side, or none. */
export type StepCommands = AddressedCommand | readonly AddressedCommand[] | undefined

/** What all kinds of steps have. Functions are methods here so that a step of one input is a step of any. */
interface NamedStep {
  /** One token, once in a saga. */
  readonly name: string
  /**
   * Once it has succeeded, there is no way back: what comes behind it is tried until it succeeds. One without `compensate` is
   * itself tried until it is accepted or refused, whatever its `retry` and the deadline say: while nobody knows whether it has
   * happened, nothing may be undone.
   */
  readonly pivot?: boolean
}

interface Compensable<Input> extends NamedStep {
  /**
   * What undoes the step. It also runs for a step of which nobody knows whether it happened (a time-out), or of which only
   * some commands were accepted: what it undoes may not be there, and `ignore` names the refusals that say so.
   */
  compensate?(this: void, context: StepContext<Input>): StepCommands
  /** Codes of refusals of the compensation that mean: there is nothing to undo. */
  readonly ignore?: readonly string[]
}

/** Sends commands, and succeeds when all of them are accepted. */
export interface CommandStep<Input = unknown> extends Compensable<Input> {
  invoke(this: void, context: StepContext<Input>): StepCommands
  /** For 503 and time-outs; a refusal is never tried again. */
  readonly retry?: Partial<RetryPolicy>
  /** How long one attempt may wait for its answers, in milliseconds; 10 s unless given. */
  readonly timeoutMs?: number
}

/** Waits for an event of the log. */
export interface EventStep<Input = unknown> extends Compensable<Input> {
  /** Made with `awaitEvent`. */
  readonly event: AwaitedEvent
  /** The step fails with STEP_TIMEOUT after so long, in milliseconds; without it, it waits for ever. */
  readonly timeoutMs?: number
}

/** Waits for somebody to decide: `headwater sagas signal`. */
export interface DecisionStep<Input = unknown> extends Compensable<Input> {
  /** What is decided. */
  readonly decision: ZodType
  /** Whether the saga goes on with it; the step fails with DECISION_REFUSED otherwise. Always, unless given. */
  readonly accept?: (data: unknown) => boolean
  readonly timeoutMs?: number
}

/** Waits for a time to pass. */
export interface PauseStep<Input = unknown> extends Compensable<Input> {
  /** For how long, in milliseconds. */
  pauseMs(this: void, context: StepContext<Input>): number
}

/** A step of a saga: commands, or something to wait for. */
export type Step<Input = unknown> =
  CommandStep<Input> | EventStep<Input> | DecisionStep<Input> | PauseStep<Input>
