import type { CommandReply } from '../command.ts'

/** A command on its way to an aggregate, from a client of any kind. */
export interface CommandEnvelope {
  aggregate: string
  id: string
  command: string
  data: unknown
  /** Repeating it is safe: the same id is applied once. Made up when it is not given. */
  commandId?: string | undefined
  correlationId?: string | undefined
  causationId?: string | undefined
  expectedVersion?: number | undefined
  /** Business time of imported facts, ISO 8601. */
  occurredAt?: string | undefined
  traceparent?: string | undefined
  /** Of the start of a saga: answer when it has ended, or the time to wait is up. */
  wait?: 'completed' | undefined
}

/** Sends commands and answers what the service said, accepted or refused. */
export interface CommandSender {
  send(command: CommandEnvelope): Promise<CommandReply>
}
