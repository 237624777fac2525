import type { ProjectionDefinition } from '../definition/definition.ts'
import { reason } from '../errors.ts'
import { backoffMs } from '../../streams/waiting/backoff.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { isOurs } from './is-ours.ts'
import { activeJobs } from './job.ts'
import { type RunJobOptions, runJob } from './run-job.ts'

export interface JobWorkerOptions extends RunJobOptions {
  definitions: readonly ProjectionDefinition[]
  /** How many may run at a time in this process. */
  concurrency: number
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
      if (!(await isOurs(database.db, job, projection))) continue
      const done = runJob(options, job, projection, stopping.signal)
        .catch((error: unknown) =>
          logger.error({ err: error, projection: job.projection }, `the ${job.kind} stopped`),
        )
        .finally(() => running.delete(key))
      running.set(key, done)
    }
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
