import { pause } from '../../streams/waiting/pause.ts'
import type { Database } from '../database/database.ts'
import { type Session, openSession } from '../database/session.ts'
import { openCommitQueue } from '../sources/commit-queue.ts'
import type { SourceStream } from '../sources/source-streams.ts'
import { type Claim, claimCopies } from './claim.ts'
import { writeCopies } from './write.ts'

export interface CopySettings {
  /** The most commits that one statement copies. */
  batchSize: number
  /** How many commits are read ahead. */
  buffer: number
  /** When nothing comes for so long, the log is looked at, in milliseconds; 5 s unless given. */
  probeMs?: number
}

/** Between two looks at another process's lock, in milliseconds. */
const STANDBY_MS = 1000
const PROBE_MS = 5000

/**
 * Copies the commits of one stream as they come, once no other process does.
 *
 * Returns when the stream was made anew since this process knows it: nothing can be copied then.
 * @throws the reason of `stopping`, and whatever ends the copying: the driver's errors, the log's
 */
export async function copyStream(
  stream: SourceStream,
  database: Database,
  settings: CopySettings,
  stopping: AbortSignal,
): Promise<void> {
  const { log } = stream
  const session = await openSession(database, log.stream, 'copies')
  const signal = AbortSignal.any([stopping, session.lost])
  try {
    while (!(await session.tryLock())) {
      await pause(STANDBY_MS, signal)
      signal.throwIfAborted()
    }
    const claim = await claimCopies(session.db, log)
    if (claim) await copyFrom(claim, stream, session, settings, signal)
    else await pause(STANDBY_MS, signal)
  } finally {
    await session.end()
  }
}

/** Goes on from what is copied. */
async function copyFrom(
  begun: Claim,
  stream: SourceStream,
  session: Session,
  { batchSize, buffer, probeMs = PROBE_MS }: CopySettings,
  signal: AbortSignal,
): Promise<never> {
  const queue = await openCommitQueue({
    sources: [{ stream, after: begun.sequence }],
    buffer: Math.max(buffer, batchSize),
    malformed: 'keep',
  })
  try {
    for (let claim = begun; ;) {
      const commits = await queue.peek(batchSize, signal, probeMs)
      if (commits.length === 0) await assertNotBehind(stream, claim)
      const written = await writeCopies(session.client, claim, commits)
      claim = written.claim
      queue.drop(written.done)
    }
  } finally {
    await queue.close()
  }
}

/** A log that has lost its end says nothing until it is as long as it was. */
async function assertNotBehind({ log }: SourceStream, { sequence }: Claim): Promise<void> {
  const { last } = await log.bounds()
  if (last < sequence) throw new Error(`${log.stream} ends at ${last}, and is copied up to ${sequence}`)
}
