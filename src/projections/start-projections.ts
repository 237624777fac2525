import type { EventLog } from '../streams/log/event-log.ts'
import type { Database } from './database/database.ts'
import type { ProjectionDefinition } from './definition/definition.ts'
import { startJobWorker } from './jobs/worker.ts'
import { migrateKernel } from './database/kernel-migrations.ts'
import type { Logger } from '../streams/logger.ts'
import { within } from '../streams/waiting/within.ts'
import { abandonVerify, verify } from './verify/verify.ts'
import { abandonRebuild, rebuild } from './rebuild/rebuild.ts'
import { REBUILD_LIMITS, type RebuildLimits } from './jobs/limits.ts'
import type { AppliedListener, RunnerSettings } from './runner/life-context.ts'
import { startRunner } from './runner/runner.ts'
import type { ProjectionStatus } from './status/status.ts'

export interface ProjectionsOptions {
  definitions: readonly ProjectionDefinition[]
  /** The log of each aggregate, by its name; several may share one. */
  logs: ReadonlyMap<string, EventLog>
  /** The first token of every subject. */
  namespace: string
  database: Database
  settings: RunnerSettings & { jobConcurrency: number }
  /** What a rebuild may hold in memory, and how often it makes it durable; as they are unless given. */
  limits?: Partial<RebuildLimits>
  logger: Logger
}

/** The projections that run, or stand by, in this process. */
export interface Projections {
  status(): ProjectionStatus[]
  /** Calls the listener after every batch, in this process only. Answers how to end that. */
  onApplied(listener: AppliedListener): () => void
  /** Finishes the batches in hand and gives the locks up; takes ten seconds at most. May be called more than once. */
  stop(): Promise<void>
}

/** A replay's start may be waiting for a table that a reader has locked: the rest of the service need not. */
const START_PATIENCE_MS = 10_000

/**
 * Starts a runner for each projection. Resolves when their tables are there, or their runners have said why not: what
 * fails from then on is in `status()` and tried again, each projection for itself.
 *
 * @throws TypeError when two projections have one name, or a source has no log; the driver's error when PostgreSQL is
 *   not reached
 */
export async function startProjections(options: ProjectionsOptions): Promise<Projections> {
  const { definitions, logs, namespace, database, settings, logger } = options
  const names = definitions.map(({ name }) => name)
  const double = names.find((name, index) => names.indexOf(name) !== index)
  if (double !== undefined) throw new TypeError(`There are two projections with the name ${double}`)
  const listeners = new Set<AppliedListener>()
  await migrateKernel(database)
  const runners = definitions.map((projection) =>
    startRunner({
      projection,
      logs,
      namespace,
      database,
      settings,
      logger,
      onApplied(name, positions) {
        for (const listener of listeners) {
          try {
            listener(name, positions)
          } catch (err) {
            logger.error({ err, projection: name }, 'a listener of the projection has thrown')
          }
        }
      },
    }),
  )
  const worker = startJobWorker({
    definitions,
    logs,
    namespace,
    database,
    works: {
      rebuild: { work: rebuild, abandon: abandonRebuild },
      verify: { work: verify, abandon: abandonVerify },
    },
    concurrency: settings.jobConcurrency,
    limits: { ...REBUILD_LIMITS, ...options.limits },
    logger,
  })
  await within(START_PATIENCE_MS, Promise.all(runners.map(({ settled }) => settled)))
  return {
    status: () => runners.map((runner) => runner.status()),
    onApplied(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      await Promise.all([worker.stop(), ...runners.map((runner) => runner.stop())])
    },
  }
}
