import type { EventLog } from '../../streams/log/event-log.ts'
import type { Logger } from '../../streams/logger.ts'
import type { Writer } from '../batch/writer.ts'
import type { Database } from '../database/database.ts'
import type { Session } from '../database/session.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import type { SourceStream, SourcesByName } from '../sources/source-streams.ts'
import type { RunnerState } from '../status/runner-state.ts'

export interface RunnerSettings {
  /** The most commits one transaction applies. */
  batchSize: number
  /** How many commits are read ahead. */
  buffer: number
  /** From what lag on a projection counts as behind, in milliseconds. */
  lagThresholdMs: number
  /** The longest pause between two attempts, in milliseconds. */
  retryMaxMs: number
  /** How often an event that fails is tried before it is parked. */
  parkAttempts: number
}

/** Called after each batch with the positions that it reached, by stream. */
export type AppliedListener = (projection: string, positions: Record<string, number>) => void

export interface RunnerOptions {
  projection: ProjectionDefinition
  logs: ReadonlyMap<string, EventLog>
  namespace: string
  database: Database
  settings: RunnerSettings
  logger: Logger
  onApplied: AppliedListener
}

/** What one life of a runner leaves to the next. */
export interface Career {
  /** Failed attempts in a row. */
  failures: number
  /** Checkpoints in a row that were not where they were expected. */
  conflicts: number
  /** A commit could not be applied: only the next batch that can be shows that this is over. */
  halted: boolean
  /** That of the life at hand, to be cut when it does not end. */
  session: Session | undefined
}

/** What every life of a runner begins with. */
export interface LifeContext extends RunnerOptions {
  streams: SourceStream[]
  sources: SourcesByName
  write: Writer
  state: RunnerState
  startedAt: Date
  /** The runner is told to stop. */
  stopping: AbortSignal
  /** To be called when an attempt to start has led somewhere. */
  settle: () => void
  career: Career
}
