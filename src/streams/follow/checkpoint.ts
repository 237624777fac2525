import { z } from 'zod'
import { HeadwaterError } from '../errors.ts'
import type { Source, SourceState } from './source.ts'
import type { FollowerStore } from './store.ts'

const Checkpoint = z.object({
  /** When the stream was made that it is a place in. */
  created: z.string(),
  /** Everything up to here is done, or parked. */
  sequence: z.int().nonnegative(),
  /** How often somebody has said anew where it goes on. */
  epoch: z.int().nonnegative(),
  /** Who wrote it. */
  writer: z.string(),
  /** What the follower takes of the stream; what an older release wrote does not say. */
  subjects: z.array(z.string()).optional(),
})
export type Checkpoint = z.output<typeof Checkpoint>

/** Where a follower begins that is new. */
export type Beginning = 'now' | 'beginning'

export function parseCheckpoint(value: unknown): Checkpoint | undefined {
  const result = Checkpoint.safeParse(value)
  return result.success ? result.data : undefined
}

/** The stream is not the one that the checkpoint was made with, or has lost messages: going on would be silently wrong. */
class FollowerLogMismatchError extends HeadwaterError {
  constructor(follower: string, stream: string, sequence: number, why: string) {
    super({
      code: 'FOLLOWER_LOG_MISMATCH',
      status: 500,
      detail: `${follower} has come to ${stream} ${sequence}, but ${why}. Restore the stream, or say where to go on: headwater feed reset, headwater reactors reset`,
    })
  }
}

/**
 * Fixes where a follower begins that nobody has seen before, so that what happens from this moment on is not missed by whichever
 * replica runs it first. One that is known stays where it is.
 */
export async function fixBeginning<Value>(
  store: FollowerStore,
  key: string,
  source: Source<Value>,
  beginning: Beginning,
): Promise<void> {
  if (await store.get(key)) return
  const { created, first, last } = await source.state()
  const subjects = [...source.subjects]
  const sequence = beginning === 'now' ? last : Math.max(0, first - 1)
  // Of several replicas that see it first at the same time, one says where.
  await store.create(key, { created, sequence, epoch: 0, writer: '', subjects } satisfies Checkpoint)
}

/** The checkpoint of a follower as its active replica moves it on. */
export interface CheckpointKeeper {
  readonly sequence: number
  readonly created: string
  readonly epoch: number
  /** Whether somebody has said anew where it goes on: what this replica knows of it is then over. */
  isReset(): Promise<boolean>
  /** Writes it, if it is further on or does not say yet what is followed. False when another has written in the meantime: this replica is not the active one any more. */
  save(sequence: number): Promise<boolean>
}

/**
 * Reads the checkpoint and checks that the stream can be read on from there.
 * @throws FollowerLogMismatchError
 */
export async function openCheckpoint<Value>(
  { store, key, writer }: { store: FollowerStore; key: string; writer: string },
  source: Source<Value>,
  follower: string,
): Promise<CheckpointKeeper> {
  await fixBeginning(store, key, source, 'now')
  const entry = await store.get(key)
  const found = parseCheckpoint(entry?.value)
  if (!entry || !found) {
    throw new HeadwaterError({
      code: 'FOLLOWER_CHECKPOINT_INVALID',
      status: 500,
      detail: `The checkpoint of ${follower} cannot be read: another release or another program has written it`,
    })
  }
  const { created } = await assertSame(source, follower, found)
  const { epoch } = found
  const subjects = [...source.subjects]
  let isTold = found.subjects?.join() === subjects.join()
  let { sequence } = found
  let { revision } = entry
  return {
    created,
    epoch,
    get sequence() {
      return sequence
    },
    async isReset() {
      const current = await store.get(key)
      return parseCheckpoint(current?.value)?.epoch !== epoch
    },
    async save(next) {
      if (next <= sequence && isTold) return true
      const further = Math.max(next, sequence)
      const saved = await store.update(
        key,
        { created, sequence: further, epoch, writer, subjects } satisfies Checkpoint,
        revision,
      )
      if (saved !== undefined) {
        revision = saved
        sequence = further
        isTold = true
        return true
      }
      // The answer to an earlier attempt may have been lost.
      const current = await store.get(key)
      const value = parseCheckpoint(current?.value)
      if (!current || value?.writer !== writer || value.epoch !== epoch) return false
      revision = current.revision
      sequence = value.sequence
      return true
    },
  }
}

/**
 * What the stream says of itself now.
 * @throws FollowerLogMismatchError unless it is the one of the checkpoint and has all that follows it
 */
export async function assertSame<Value>(
  source: Source<Value>,
  follower: string,
  { created, sequence }: Pick<Checkpoint, 'created' | 'sequence'>,
): Promise<SourceState> {
  const state = await source.state()
  const mismatch = (why: string) => new FollowerLogMismatchError(follower, source.stream, sequence, why)
  if (sequence > 0 && created !== state.created) {
    throw mismatch(
      `the stream was made anew since, at ${state.created}; the one it knows was made at ${created}`,
    )
  }
  if (sequence > state.last) throw mismatch(`the stream ends at ${state.last}`)
  if (!source.expires && state.first > sequence + 1) {
    throw mismatch(`the stream begins at ${state.first}: what was before is lost`)
  }
  return state
}
