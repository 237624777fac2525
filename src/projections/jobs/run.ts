import type { Kysely } from 'kysely'
import type { Database } from '../database/database.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import type { Logger } from '../../streams/logger.ts'
import { createMeter } from '../status/meter.ts'
import type { RebuildLimits } from './limits.ts'
import type { Session } from '../database/session.ts'
import type { SourceStream } from '../sources/source-streams.ts'
import { JobCancelledError } from './errors.ts'
import { type Job, updateJob } from './job.ts'

/** What the work on a job gets. */
export interface JobRun {
  job: Job
  /** Holds the job's lock; its statements take as long as they take. */
  session: Session
  projection: ProjectionDefinition
  streams: SourceStream[]
  namespace: string
  database: Database
  limits: RebuildLimits
  logger: Logger
  /** Aborted when the job is cancelled, the service stops, or the connection is lost. */
  signal: AbortSignal
  /** Tells how far it is; cheap, for every batch. */
  report: Report
}

export type Report = (step: { phase?: string; events?: number; left?: number }) => void

/** How often the row of a job is brought up to date, and how often the log hears of it. */
const SAVE_MS = 500
const LOG_MS = 5000

/**
 * Keeps the row of a job up to date while it runs, and looks whether somebody wants it cancelled.
 * @returns the function to report with, how many events were handled, and the end of it
 */
export function startProgress(
  db: Kysely<KernelTables>,
  job: Job,
  logger: Logger,
  cancel: (reason: Error) => void,
) {
  const meter = createMeter()
  let phase = job.phase
  let events = job.events
  let left = 0
  let loggedAt = performance.now()
  let saving: Promise<void> | undefined

  async function save(): Promise<void> {
    const rate = meter.perSecond()
    try {
      const row = await updateJob(db, job, {
        phase,
        events,
        events_total: events + left,
        rate,
      })
      if (!row || row.cancelRequested) cancel(new JobCancelledError(job.projection, job.kind))
    } catch (error) {
      // The work itself finds out when PostgreSQL is gone; this is for people to look at.
      logger.debug(
        { err: error, projection: job.projection },
        `the progress of the ${job.kind} was not saved`,
      )
    }
    if (performance.now() - loggedAt < LOG_MS) return
    loggedAt = performance.now()
    const etaSeconds = rate > 0 ? Math.ceil(left / rate) : undefined
    const about = { projection: job.projection, phase, events, left, rate: Math.round(rate), etaSeconds }
    logger.info(about, `the ${job.kind} goes on`)
  }

  const timer = setInterval(() => {
    saving ??= save().finally(() => (saving = undefined))
  }, SAVE_MS)
  const report: Report = (step) => {
    if (step.phase !== undefined && step.phase !== phase) {
      phase = step.phase
      logger.info({ projection: job.projection, phase, events }, `the ${job.kind} is ${phase}`)
    }
    if (step.events !== undefined) {
      events += step.events
      meter.add(step.events)
    }
    if (step.left !== undefined) left = step.left
  }
  return {
    report,
    events: () => events,
    async stop() {
      clearInterval(timer)
      await saving
    },
  }
}
