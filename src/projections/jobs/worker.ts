import type { EventLog } from '../../streams/log/event-log.ts'
import type { Database } from '../database/database.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { reason } from '../errors.ts'
import type { Logger } from '../../streams/logger.ts'
import { backoffMs } from '../../streams/waiting/backoff.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { RebuildLimits } from './limits.ts'
import { openSession } from '../database/session.ts'
import { shapeOf } from '../definition/shape.ts'
import { sourceStreams } from '../sources/source-streams.ts'
import { JobCancelledError } from './errors.ts'
import { isPassing } from './is-passing.ts'
import { type Job, activeJobs, loadJob, updateJob } from './job.ts'
import { type JobRun, startProgress } from './run.ts'

/** How a kind of job is done, and what is cleaned up when it is cancelled or has failed. */
export interface JobWork {
  work(run: JobRun): Promise<Record<string, unknown>>
  abandon(run: JobRun): Promise<void>
}

export interface JobWorkerOptions {
  definitions: readonly ProjectionDefinition[]
  logs: ReadonlyMap<string, EventLog>
  namespace: string
  database: Database
  works: Readonly<Record<Job['kind'], JobWork>>
  /** How many may run at a time in this process. */
  concurrency: number
  limits: RebuildLimits
  logger: Logger
}

export interface JobWorker {
  /** Leaves what is running where it is: another process, or the next start, goes on with it. */
  stop(): Promise<void>
}

/** Between two looks for work, in milliseconds: what a new one, or a dead process's, waits at most. */
const LOOK_MS = 500
const RETRY_MAX_MS = 10_000

/** Does the jobs that wait for a process with these definitions, and goes on with those of processes that are gone. */
export function startJobWorker(options: JobWorkerOptions): JobWorker {
  const { definitions, database, concurrency, logger } = options
  const byName = new Map(definitions.map((definition) => [definition.name, definition]))
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()

  async function look(): Promise<void> {
    const jobs = await activeJobs(database.db)
    const busy = new Set<string>()
    for (const job of jobs) {
      // One after another: a verification holds the table that a rebuild wants to swap.
      if (busy.has(job.projection)) continue
      busy.add(job.projection)
      const projection = byName.get(job.projection)
      const key = `${job.kind} ${job.projection}`
      if (!projection || running.has(key) || running.size >= concurrency) continue
      // Its lock is taken: to try for it would cost a connection at each look.
      if (job.isTended) continue
      if (!(await isOurs(job, projection))) continue
      const done = runJob(options, job, projection, stopping.signal)
        .catch((error: unknown) =>
          logger.error({ err: error, projection: job.projection }, `the ${job.kind} stopped`),
        )
        .finally(() => running.delete(key))
      running.set(key, done)
    }
  }

  /** Whether this process has the definition that the job is for, and not one that a newer has replaced. */
  async function isOurs(job: Job, projection: ProjectionDefinition): Promise<boolean> {
    // Whoever began it may be gone for good: what it left has to be cleaned up all the same.
    if (job.cancel_requested) return true
    const shape = shapeOf(projection)
    if (job.version !== null && (job.version !== projection.version || job.shape !== shape)) return false
    const recorded = await database.db
      .selectFrom('tb_projection')
      .select(['version', 'retired_shapes'])
      .where('name', '=', projection.name)
      .executeTakeFirst()
    if (!recorded) return false
    if (recorded.version !== projection.version) return recorded.version < projection.version
    return !recorded.retired_shapes.includes(shape)
  }

  async function loop(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        await look()
        failures = 0
        await pause(LOOK_MS, stopping.signal)
      } catch (error) {
        if (failures === 0)
          logger.warn({ reason: reason(error) }, 'PostgreSQL cannot be asked for jobs; trying on')
        await pause(backoffMs(failures++, RETRY_MAX_MS), stopping.signal)
      }
    }
  }

  const looping = loop()
  return {
    async stop() {
      stopping.abort(new Error('The service stops'))
      await looping
      await Promise.all(running.values())
    },
  }
}

/** Does a job, if nobody else is at it: until it is done, refused, cancelled, or the service stops. */
async function runJob(
  { logs, namespace, database, works, limits, logger }: JobWorkerOptions,
  asked: Job,
  projection: ProjectionDefinition,
  stopping: AbortSignal,
): Promise<void> {
  const { kind } = asked
  const streams = sourceStreams(projection, logs, namespace)
  for (let failures = 0; !stopping.aborted;) {
    const session = await openSession(database, projection.name, kind)
    const cancelling = new AbortController()
    const signal = AbortSignal.any([stopping, session.lost, cancelling.signal])
    try {
      if (!(await session.tryLock())) return
      // Only now nobody else changes it.
      const job = await loadJob(session.db, projection.name, kind)
      if (!job || job.id !== asked.id || (job.state !== 'waiting' && job.state !== 'running')) return
      if (job.state === 'running')
        logger.info({ projection: projection.name, kind }, `the ${kind} is taken up again`)
      await updateJob(session.db, job, { state: 'running', started: true })
      const progress = startProgress(database.db, job, logger, (cause) => cancelling.abort(cause))
      if (job.cancel_requested) cancelling.abort(new JobCancelledError(projection.name, kind))
      const run = {
        job,
        session,
        projection,
        streams,
        namespace,
        database,
        limits,
        logger,
        signal,
        report: progress.report,
      }
      try {
        const result = await works[kind].work(run)
        await progress.stop()
        await updateJob(session.db, job, {
          state: 'done',
          phase: 'done',
          events: progress.events(),
          result,
          finished: true,
        })
        // Rows may hold what does not belong into a log.
        const { sample: _, ...figures } = result
        logger.info({ projection: projection.name, ...figures }, `the ${kind} is done`)
        return
      } catch (error) {
        await progress.stop()
        if (stopping.aborted || session.lost.aborted) throw error
        const cause = signal.aborted ? cancelling.signal.reason : error
        if (!signal.aborted && isPassing(error)) throw error
        await works[kind].abandon(run)
        const cancelled = cause instanceof JobCancelledError
        await updateJob(session.db, job, {
          state: cancelled ? 'cancelled' : 'failed',
          phase: cancelled ? 'cancelled' : 'failed',
          error: reason(cause),
          finished: true,
        })
        logger[cancelled ? 'info' : 'error'](
          { err: cause, projection: projection.name },
          `the ${kind} has ended`,
        )
        return
      }
    } catch (error) {
      if (stopping.aborted) return
      logger.warn(
        { projection: projection.name, reason: reason(error) },
        `the ${kind} was interrupted and will go on where it was`,
      )
    } finally {
      await session.end()
    }
    await pause(backoffMs(failures++, RETRY_MAX_MS), stopping)
  }
}
