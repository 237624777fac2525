import type { Commit } from '../../streams/commit.ts'
import type { EventLog } from '../../streams/event-log.ts'
import { acquire } from './acquire.ts'
import { type ApplyOptions, type Pass, applyBatch } from './apply-batch.ts'
import { applyPatiently } from './apply-patiently.ts'
import { checkLog } from '../sources/check-log.ts'
import type { Standing } from '../positions/checkpoint.ts'
import type { Database } from '../database/database.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { CheckpointConflictError, SupersededError, positionOf } from '../errors.ts'
import { type CommitQueue, openCommitQueue } from '../sources/commit-queue.ts'
import { tableOf } from '../definition/identifiers.ts'
import { requestForDefinition } from '../jobs/request-definition.ts'
import { applyIsolating } from './isolate.ts'
import type { Logger } from '../../streams/logger.ts'
import { createLotKeeper } from './lot-keeper.ts'
import { loadParkingLot } from '../parking/parking-lot.ts'
import { backoffMs } from '../../streams/backoff.ts'
import { pause } from '../../streams/pause.ts'
import { within } from '../../streams/within.ts'
import { prepare } from '../tables/prepare.ts'
import { recordFigures } from '../status/record-figures.ts'
import { recordState } from '../status/record-state.ts'
import { createRunnerState } from '../status/runner-state.ts'
import { type Session, openSession } from '../database/session.ts'
import { sourcesByName, sourceStreams } from '../sources/source-streams.ts'
import type { ProjectionStatus } from '../status/status.ts'
import { tellParked } from '../parking/tell-parked.ts'
import { watchLogs } from '../sources/watch-logs.ts'
import { createWriter } from '../batch/writer.ts'

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

export interface Runner {
  /** Resolves when the first attempt to start has led somewhere: to work, to standby, to a failure. */
  readonly settled: Promise<void>
  status(): ProjectionStatus
  /** Finishes the batch in hand and gives the lock up; after ten seconds it cuts the connection. Never rejects. */
  stop(): Promise<void>
}

/** For the batch in hand; then for the cut connection. */
const STOP_PATIENCE_MS = 10_000

/**
 * Runs one projection until it is stopped. One life is: connect, take the lock, prepare the table, follow the logs from
 * the checkpoint. Whatever fails ends that life, and the next one starts from what the database says: so a COMMIT whose
 * answer was lost needs no case of its own.
 *
 * @throws TypeError when a source has no log
 */
export function startRunner(options: RunnerOptions): Runner {
  const { projection, database, settings, logger } = options
  const { name } = projection
  const streams = sourceStreams(projection, options.logs, options.namespace)
  const sources = sourcesByName(projection)
  const write = createWriter(projection, tableOf(name))
  const state = createRunnerState(name, settings.lagThresholdMs)
  const startedAt = new Date()
  const stopping = new AbortController()
  const { promise: settled, resolve: settle } = deferred()
  let session: Session | undefined
  /** Failed attempts in a row. */
  let failures = 0
  /** Checkpoints in a row that were not where they were expected. */
  let conflicts = 0
  /** A commit could not be applied: only the next batch that can be shows that this is over. */
  let halted = false

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const began = performance.now()
      try {
        await live()
      } catch (error) {
        if (stopping.signal.aborted) break
        // The table was swapped for a new one: its checkpoint is read again, and that is all.
        if (error instanceof CheckpointConflictError && conflicts++ < 3) continue
        // What has worked for a while has recovered, even if there was nothing to apply.
        if (!halted && performance.now() - began > settings.retryMaxMs) failures = 0
        report(error)
        settle()
        await pause(backoffMs(failures++, settings.retryMaxMs), stopping.signal)
      }
    }
    state.become('stopped')
    settle()
  }

  function report(error: unknown): void {
    if (error instanceof SupersededError) {
      if (state.status().state !== 'superseded') logger.warn({ projection: name }, error.message)
      state.failed(error)
      state.become('superseded')
      // It stays so until somebody deploys: looking often is of no use.
      failures = Math.max(failures, 20)
      return
    }
    const { code, position } = state.failed(error)
    logger.error(
      { err: error, projection: name, code, position },
      'the projection is down and will try again',
    )
  }

  async function live(): Promise<void> {
    const current = await openSession(database, name)
    session = current
    const end = new AbortController()
    const signal = AbortSignal.any([stopping.signal, current.lost, end.signal])
    try {
      await acquire({
        session: current,
        projection,
        streams,
        signal,
        onStandby() {
          halted = false
          state.become('standby')
          settle()
        },
        async onOutdated() {
          if (await requestForDefinition(current.db, projection, startedAt)) {
            logger.warn(
              { projection: name, version: projection.version },
              'the definition of the projection has changed: its table is built anew beside the one that goes on serving. (Where columns, sources or streams change, the version should too.)',
            )
          }
          state.become('rebuilding')
          settle()
        },
      })
      const queue = await openPrepared(current)
      if (!queue) return
      try {
        await follow(current, queue, signal, (error) => end.abort(error))
      } finally {
        end.abort()
        await queue.close()
      }
    } finally {
      session = undefined
      await current.end()
    }
  }

  const positions = new Map<string, number>()
  let standing: Standing = { projection: name, generation: 0, schema: database.schema }

  /** Undefined when the table has become another's meanwhile. */
  async function openPrepared(current: Session): Promise<CommitQueue | undefined> {
    const { schema } = database
    const checkpoints = await prepare({ session: current, projection, streams, schema })
    if (!checkpoints) return undefined
    const known = new Map(checkpoints.map((checkpoint) => [checkpoint.stream, checkpoint]))
    positions.clear()
    standing = { ...standing, generation: checkpoints[0]?.generation ?? 0 }
    for (const stream of streams) {
      const { log } = stream
      const checkpoint = known.get(log.stream) ?? { sequence: 0, created: log.created }
      await checkLog(name, stream, checkpoint)
      positions.set(log.stream, checkpoint.sequence)
    }
    state.at(positions)
    const from = streams.map((stream) => ({ stream, after: positions.get(stream.log.stream) ?? 0 }))
    return await openCommitQueue({
      sources: from,
      buffer: Math.max(settings.buffer, settings.batchSize),
      malformed: projection.onPoison === 'park' ? 'keep' : 'throw',
    })
  }

  async function follow(
    current: Session,
    queue: CommitQueue,
    signal: AbortSignal,
    abandon: (error: unknown) => void,
  ): Promise<void> {
    const lot = await loadParkingLot(current.client, name, 'live')
    const applying = { session: current, projection, sources, standing, write, lot }
    const logs = new Map(streams.map(({ log }) => [log.stream, log]))
    const keeper = createLotKeeper({ ...applying, logs }, logger)
    state.parks(lot)
    state.reads(() => queue.backlog())
    if (!halted) await recover(current)
    settle()
    void watchLogs({
      projection: name,
      streams,
      applied: (stream) => positions.get(stream) ?? 0,
      report(error) {
        if (error !== undefined && !state.isDown) {
          const { message } = state.failed(error)
          logger.error(
            { projection: name, reason: message },
            'the log does not answer; the projection waits for it',
          )
        } else if (error === undefined && state.isDown && !halted) state.recovered()
      },
      signal,
    }).catch(abandon)
    void recordFigures(database.db, name, () => state.status(), signal)
    while (!stopping.signal.aborted) {
      try {
        await keeper.tend(positions)
        const commits = await queue.peek(settings.batchSize, signal, keeper.patience())
        if (commits.length === 0) continue
        if (projection.onPoison === 'halt')
          await applyIsolating(name, commits, (part) => apply(applying, queue, part))
        else
          await applyPatiently(commits, {
            attempts: settings.parkAttempts,
            apply: (part, pass) => apply(applying, queue, part, pass),
            signal,
          })
      } catch (error) {
        if (positionOf(error)) {
          halted = true
          await recordState(current, name, 'down', state.failed(error))
        }
        throw error
      }
    }
  }

  async function apply(
    applying: ApplyOptions,
    queue: CommitQueue,
    commits: Commit[],
    pass?: Pass,
  ): Promise<void> {
    const began = performance.now()
    const { moved, leftOut } = await applyBatch(applying, positions, commits, pass)
    tellParked(logger, name, leftOut)
    for (const [stream, sequence] of moved) positions.set(stream, sequence)
    queue.drop(commits.length)
    state.at(moved)
    const events = commits.reduce((sum, commit) => sum + commit.events.length, 0)
    state.applied({ commits: commits.length, events, ms: performance.now() - began })
    failures = 0
    conflicts = 0
    if (state.isDown) await recover(applying.session)
    options.onApplied(name, Object.fromEntries(moved))
  }

  async function recover(current: Session): Promise<void> {
    halted = false
    state.recovered()
    await recordState(current, name, 'up')
  }

  const running = run()
  let stopped: Promise<void> | undefined
  async function stop(): Promise<void> {
    stopping.abort(new Error('The projection is stopped'))
    if (await within(STOP_PATIENCE_MS, running)) return
    logger.warn(
      { projection: name },
      'the projection did not finish its batch in time; its connection is cut',
    )
    session?.client.connection.stream.destroy()
    await within(STOP_PATIENCE_MS, running)
  }
  return { settled, status: () => state.status(), stop: () => (stopped ??= stop()) }
}

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
