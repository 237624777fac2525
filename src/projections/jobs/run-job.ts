import type { EventLog } from '../../streams/log/event-log.ts'
import type { Logger } from '../../streams/logger.ts'
import { backoffMs } from '../../streams/waiting/backoff.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { Database } from '../database/database.ts'
import { type Session, openSession } from '../database/session.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { reason } from '../errors.ts'
import { type SourceStream, sourceStreams } from '../sources/source-streams.ts'
import { JobCancelledError } from './errors.ts'
import { isPassing } from './is-passing.ts'
import { type Job, loadJob, updateJob } from './job.ts'
import type { RebuildLimits } from './limits.ts'
import { type JobRun, startProgress } from './run.ts'

/** How a kind of job is done, and what is cleaned up when it is cancelled or has failed. */
export interface JobWork {
  work(run: JobRun): Promise<Record<string, unknown>>
  abandon(run: JobRun): Promise<void>
}

export interface RunJobOptions {
  logs: ReadonlyMap<string, EventLog>
  namespace: string
  database: Database
  works: Readonly<Record<Job['kind'], JobWork>>
  limits: RebuildLimits
  logger: Logger
}

/** One of the attempts at a job. */
interface Attempt {
  asked: Job
  projection: ProjectionDefinition
  streams: SourceStream[]
  session: Session
  stopping: AbortSignal
}

/** The longest pause between two attempts, in milliseconds. */
const RETRY_MAX_MS = 10_000

/** Does a job, if nobody else is at it: until it is done, refused, cancelled, or the service stops. */
export async function runJob(
  options: RunJobOptions,
  asked: Job,
  projection: ProjectionDefinition,
  stopping: AbortSignal,
): Promise<void> {
  const { logs, namespace, database, logger } = options
  const streams = sourceStreams(projection, logs, namespace)
  for (let failures = 0; !stopping.aborted;) {
    const session = await openSession(database, projection.name, asked.kind)
    try {
      return await attempt(options, { asked, projection, streams, session, stopping })
    } catch (error) {
      if (stopping.aborted) return
      logger.warn(
        { projection: projection.name, reason: reason(error) },
        `the ${asked.kind} was interrupted and will go on where it was`,
      )
    } finally {
      await session.end()
    }
    await pause(backoffMs(failures++, RETRY_MAX_MS), stopping)
  }
}

/** @throws what is worth another attempt; whatever else goes wrong ends the job */
async function attempt(
  options: RunJobOptions,
  { asked, projection, streams, session, stopping }: Attempt,
): Promise<void> {
  const { namespace, database, works, limits, logger } = options
  const job = await takeUp(asked, session, logger)
  if (!job) return
  const { kind } = job
  const cancelling = new AbortController()
  const signal = AbortSignal.any([stopping, session.lost, cancelling.signal])
  const progress = startProgress(database.db, job, logger, (cause) => cancelling.abort(cause))
  if (job.cancel_requested) cancelling.abort(new JobCancelledError(projection.name, kind))
  const { report } = progress
  const run = { job, session, projection, streams, namespace, database, limits, logger, signal, report }
  try {
    const result = await works[kind].work(run)
    await progress.stop()
    await succeed(run, progress.events(), result)
  } catch (error) {
    await progress.stop()
    if (stopping.aborted || session.lost.aborted) throw error
    const cause = signal.aborted ? cancelling.signal.reason : error
    if (!signal.aborted && isPassing(error)) throw error
    await works[kind].abandon(run)
    await giveUp(run, cause)
  }
}

/** The job as it is under its lock, running; undefined when another process has it, or it is no more. */
async function takeUp(asked: Job, session: Session, logger: Logger): Promise<Job | undefined> {
  const { id, projection, kind } = asked
  if (!(await session.tryLock())) return undefined
  // Only now nobody else changes it.
  const job = await loadJob(session.db, projection, kind)
  if (!job || job.id !== id || (job.state !== 'waiting' && job.state !== 'running')) return undefined
  // It may have been cancelled since.
  if (!(await updateJob(session.db, job, { state: 'running', started: true }))) return undefined
  if (job.state === 'running') logger.info({ projection, kind }, `the ${kind} is taken up again`)
  return job
}

async function succeed(
  { job, session, logger }: JobRun,
  events: number,
  result: Record<string, unknown>,
): Promise<void> {
  await updateJob(session.db, job, { state: 'done', phase: 'done', events, result, finished: true })
  // Rows may hold what does not belong into a log.
  const { sample: _, ...figures } = result
  logger.info({ projection: job.projection, ...figures }, `the ${job.kind} is done`)
}

async function giveUp({ job, session, logger }: JobRun, cause: unknown): Promise<void> {
  const isCancelled = cause instanceof JobCancelledError
  const state = isCancelled ? 'cancelled' : 'failed'
  await updateJob(session.db, job, { state, phase: state, error: reason(cause), finished: true })
  const level = isCancelled ? 'info' : 'error'
  logger[level]({ err: cause, projection: job.projection }, `the ${job.kind} has ended`)
}
