import type { Position } from '../streams/events/commit.ts'
import type { Problem } from './problem.ts'

/** A command that has passed validation: its aggregate exists, its id and headers are well formed, its data fits the schema. */
export interface Command {
  aggregate: string
  id: string
  name: string
  data: unknown
  /** The size of its body in bytes: what a group of commands is bounded by. */
  bytes: number
  commandId: string
  correlationId: string
  causationId: string
  /** Refuse it unless the aggregate has this version. */
  expectedVersion: number | undefined
  /** Business time, ISO 8601 in UTC. */
  time: string
  traceparent: string | undefined
}

/** What a client learns of an event that its command made happen. */
export interface EventSummary {
  id: string
  type: string
  version: number
  time: string
}

/** The reply to a command that was accepted. */
export interface CommandAccepted {
  ok: true
  aggregate: string
  id: string
  /** The aggregate's version after the command. */
  version: number
  /** Where its events stand; sequence 0 when the aggregate has none yet and the command made none. */
  position: Position
  events: EventSummary[]
  /** True when this command id was accepted before: this is the first answer again, nothing was done twice. */
  duplicate: boolean
  /** Of a saga that was waited for: how it stands. */
  saga?: { status: string }
}

/** What a command is answered: accepted, or refused with a problem document. */
export type CommandReply = CommandAccepted | Problem
