import { type Session, openSession } from '../database/session.ts'
import { requestForDefinition } from '../jobs/request-definition.ts'
import { checkLog } from '../sources/check-log.ts'
import { openCommitQueue } from '../sources/commit-queue.ts'
import { prepare } from '../tables/prepare.ts'
import { acquire } from './acquire.ts'
import { type Beginning, follow } from './follow.ts'
import type { LifeContext } from './life-context.ts'

/**
 * One life of a runner: it connects, takes the lock, prepares the table, and follows the logs from the checkpoint until
 * something fails or it is stopped.
 */
export async function live(context: LifeContext): Promise<void> {
  const { database, projection, stopping, career } = context
  const session = await openSession(database, projection.name)
  career.session = session
  const end = new AbortController()
  const signal = AbortSignal.any([stopping, session.lost, end.signal])
  try {
    await waitForTurn(context, session, signal)
    const beginning = await begin(context, session)
    if (!beginning) return
    try {
      await follow(context, beginning, signal, (error) => end.abort(error))
    } finally {
      end.abort()
      await beginning.queue.close()
    }
  } finally {
    career.session = undefined
    await session.end()
  }
}

/** Resolves with the lock held, and a table of this definition. */
async function waitForTurn(context: LifeContext, session: Session, signal: AbortSignal): Promise<void> {
  const { projection, streams, state, startedAt, settle, career, logger } = context
  await acquire({
    session,
    projection,
    streams,
    signal,
    onStandby() {
      career.halted = false
      state.become('standby')
      settle()
    },
    async onOutdated() {
      if (await requestForDefinition(session.db, projection, streams, startedAt)) {
        logger.warn(
          { projection: projection.name, version: projection.version },
          'the definition of the projection has changed: its table is built anew beside the one that goes on serving. (Where columns, sources or streams change, the version should too.)',
        )
      }
      state.become('rebuilding')
      settle()
    },
  })
}

/** Undefined when the table has become another's meanwhile. */
async function begin(context: LifeContext, session: Session): Promise<Beginning | undefined> {
  const { projection, streams, state, settings } = context
  const { name } = projection
  const { schema } = context.database
  const checkpoints = await prepare({ session, projection, streams, schema })
  if (!checkpoints) return undefined
  const known = new Map(checkpoints.map((checkpoint) => [checkpoint.stream, checkpoint]))
  const positions = new Map<string, number>()
  const made = new Map<string, string>()
  for (const stream of streams) {
    const { log } = stream
    const checkpoint = known.get(log.stream) ?? { sequence: 0, created: log.created }
    await checkLog(name, stream, checkpoint)
    positions.set(log.stream, checkpoint.sequence)
    made.set(log.stream, checkpoint.created)
  }
  state.at(positions)
  const queue = await openCommitQueue({
    sources: streams.map((stream) => ({ stream, after: positions.get(stream.log.stream) ?? 0 })),
    buffer: Math.max(settings.buffer, settings.batchSize),
    malformed: projection.onPoison === 'park' ? 'keep' : 'throw',
  })
  return {
    session,
    standing: { projection: name, generation: checkpoints[0]?.generation ?? 0, schema },
    positions,
    made,
    queue,
  }
}
