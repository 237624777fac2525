import type { Commit } from '../../streams/events/commit.ts'
import type { Session } from '../database/session.ts'
import { LogMismatchError, positionOf } from '../errors.ts'
import { loadParkingLot } from '../parking/parking-lot.ts'
import { tellParked } from '../parking/tell-parked.ts'
import type { Standing } from '../positions/checkpoint.ts'
import type { CommitQueue } from '../sources/commit-queue.ts'
import type { Made } from '../sources/streams-now.ts'
import { watchLogs } from '../sources/watch-logs.ts'
import { recordFigures } from '../status/record-figures.ts'
import { recordState } from '../status/record-state.ts'
import { type ApplyOptions, type Pass, applyBatch } from './apply-batch.ts'
import { applyPatiently } from './apply-patiently.ts'
import { applyIsolating } from './isolate.ts'
import type { LifeContext } from './life-context.ts'
import { createLotKeeper } from './lot-keeper.ts'

/** Where a life begins: with the lock held, behind what is applied. */
export interface Beginning {
  session: Session
  standing: Standing
  /** The sequence applied, by stream; it moves with each batch. */
  positions: Map<string, number>
  /** When the streams were made that these are places in. */
  made: Made
  queue: CommitQueue
}

/**
 * Applies batch after batch until the signal, and does between them what people want done with parked events.
 *
 * @param abandon ends this life, for what comes to light beside it
 * @throws what ended it
 */
export async function follow(
  context: LifeContext,
  beginning: Beginning,
  signal: AbortSignal,
  abandon: (error: unknown) => void,
): Promise<void> {
  const { projection, streams, sources, write, settings, state, logger, career } = context
  const { session, standing, positions, queue } = beginning
  const lot = await loadParkingLot(session.client, projection.name, 'live')
  const applying = { session, projection, sources, standing, write, lot }
  const logs = new Map(streams.map(({ log }) => [log.stream, log]))
  const keeper = createLotKeeper({ ...applying, logs }, logger)
  state.parks(lot)
  state.reads(() => queue.backlog())
  if (!career.halted) await recover(context, session)
  context.settle()
  watch(context, beginning, signal, abandon)
  while (!context.stopping.aborted) {
    try {
      await keeper.tend(positions)
      const commits = await queue.peek(settings.batchSize, signal, keeper.patience())
      if (commits.length === 0) continue
      const apply = (part: Commit[], pass?: Pass) => applyPart(context, beginning, applying, part, pass)
      if (projection.onPoison === 'halt') await applyIsolating(projection.name, commits, apply)
      else await applyPatiently(commits, { attempts: settings.parkAttempts, apply, signal })
    } catch (error) {
      if (positionOf(error)) {
        // The log is no commit that has to be got past: it is well again when a life begins with it.
        career.halted = !(error instanceof LogMismatchError)
        await recordState(session, projection.name, 'down', state.failed(error))
      }
      throw error
    }
  }
}

/** What goes on beside the batches, until the signal. */
function watch(
  { projection: { name }, streams, state, logger, career, database }: LifeContext,
  { positions, made }: Beginning,
  signal: AbortSignal,
  abandon: (error: unknown) => void,
): void {
  void watchLogs({
    projection: name,
    streams,
    made,
    applied: (stream) => positions.get(stream) ?? 0,
    report(error) {
      if (error !== undefined && !state.isDown) {
        const { message } = state.failed(error)
        // A leader that is elected, as a rule: over in seconds.
        logger.warn(
          { projection: name, reason: message },
          'the log does not answer; the projection waits for it',
        )
      } else if (error === undefined && state.isDown && !career.halted) state.recovered()
    },
    signal,
  }).catch(abandon)
  void recordFigures(database.db, name, () => state.status(), signal)
}

async function applyPart(
  context: LifeContext,
  { session, positions, queue }: Beginning,
  applying: ApplyOptions,
  commits: Commit[],
  pass?: Pass,
): Promise<void> {
  const { state, career, logger, onApplied } = context
  const { name } = context.projection
  const began = performance.now()
  const { moved, leftOut } = await applyBatch(applying, positions, commits, pass)
  tellParked(logger, name, leftOut)
  for (const [stream, sequence] of moved) positions.set(stream, sequence)
  queue.drop(commits.length)
  state.at(moved)
  const events = commits.reduce((sum, commit) => sum + commit.events.length, 0)
  state.applied({ commits: commits.length, events, ms: performance.now() - began })
  career.failures = 0
  career.conflicts = 0
  if (state.isDown) await recover(context, session)
  onApplied(name, Object.fromEntries(moved))
}

async function recover({ career, state, projection }: LifeContext, session: Session): Promise<void> {
  career.halted = false
  state.recovered()
  await recordState(session, projection.name, 'up')
}
