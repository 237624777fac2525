import { backoffMs } from '../../streams/waiting/backoff.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { within } from '../../streams/waiting/within.ts'
import { createWriter } from '../batch/writer.ts'
import { tableOf } from '../definition/identifiers.ts'
import { CheckpointConflictError, SupersededError } from '../errors.ts'
import { sourceStreams, sourcesByName } from '../sources/source-streams.ts'
import { createRunnerState } from '../status/runner-state.ts'
import type { ProjectionStatus } from '../status/status.ts'
import { live } from './life.ts'
import type { Career, LifeContext, RunnerOptions } from './life-context.ts'

export interface Runner {
  /** Resolves when the first attempt to start has led somewhere: to work, to standby, to a failure. */
  readonly settled: Promise<void>
  status(): ProjectionStatus
  /** Finishes the batch in hand and gives the lock up; after ten seconds it cuts the connection. Never rejects. */
  stop(): Promise<void>
}

/** For the batch in hand; then for the cut connection. */
const STOP_PATIENCE_MS = 10_000
/** So often the table may have been swapped for a new one in a row, before that counts as a failure. */
const MOST_CONFLICTS = 3
/** Failures to begin with where only a deployment helps: the longest pause. */
const HOPELESS = 20

/**
 * Runs one projection until it is stopped. One life is: connect, take the lock, prepare the table, follow the logs from
 * the checkpoint. Whatever fails ends that life, and the next one starts from what the database says: so a COMMIT whose
 * answer was lost needs no case of its own.
 *
 * @throws TypeError when a source has no log
 */
export function startRunner(options: RunnerOptions): Runner {
  const { projection, settings, logger } = options
  const { name } = projection
  const stopping = new AbortController()
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>()
  const career: Career = { failures: 0, conflicts: 0, halted: false, session: undefined }
  const state = createRunnerState(name, settings.lagThresholdMs)
  const running = liveOn({
    ...options,
    streams: sourceStreams(projection, options.logs, options.namespace),
    sources: sourcesByName(projection),
    write: createWriter(projection, tableOf(name)),
    state,
    startedAt: new Date(),
    stopping: stopping.signal,
    settle,
    career,
  })
  let stopped: Promise<void> | undefined
  async function stop(): Promise<void> {
    stopping.abort(new Error('The projection is stopped'))
    if (await within(STOP_PATIENCE_MS, running)) return
    logger.warn(
      { projection: name },
      'the projection did not finish its batch in time; its connection is cut',
    )
    career.session?.client.connection.stream.destroy()
    await within(STOP_PATIENCE_MS, running)
  }
  return { settled, status: () => state.status(), stop: () => (stopped ??= stop()) }
}

/** One life after the other. Never rejects. */
async function liveOn(context: LifeContext): Promise<void> {
  const { settings, state, stopping, settle, career } = context
  while (!stopping.aborted) {
    const began = performance.now()
    try {
      await live(context)
    } catch (error) {
      if (stopping.aborted) break
      // The table was swapped for a new one: its checkpoint is read again, and that is all.
      if (error instanceof CheckpointConflictError && career.conflicts++ < MOST_CONFLICTS) continue
      // What has worked for a while has recovered, even if there was nothing to apply.
      if (!career.halted && performance.now() - began > settings.retryMaxMs) career.failures = 0
      report(context, error)
      settle()
      await pause(backoffMs(career.failures++, settings.retryMaxMs), stopping)
    }
  }
  state.become('stopped')
  settle()
}

function report({ projection: { name }, state, logger, career }: LifeContext, error: unknown): void {
  if (error instanceof SupersededError) {
    if (state.status().state !== 'superseded') logger.warn({ projection: name }, error.message)
    state.failed(error)
    state.become('superseded')
    // It stays so until somebody deploys: looking often is of no use.
    career.failures = Math.max(career.failures, HOPELESS)
    return
  }
  const { code, position } = state.failed(error)
  logger.error({ err: error, projection: name, code, position }, 'the projection is down and will try again')
}
