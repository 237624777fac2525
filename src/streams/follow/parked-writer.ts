import { randomUUID } from 'node:crypto'
import { HeadwaterError } from '../errors.ts'
import { pause } from '../waiting/pause.ts'
import { persistently } from '../waiting/persistently.ts'
import { parseLease } from './lease.ts'
import { type ParkedEntry, type ParkedItem, parkedEntry, readParked } from './parked-item.ts'
import type { TermOptions } from './term-options.ts'

/** Another replica has what this one took for its own: it was away for longer than its lease lasts. */
class FollowerSupersededError extends HeadwaterError {
  constructor(follower: string, key: string) {
    super({
      code: 'FOLLOWER_SUPERSEDED',
      status: 503,
      detail: `${follower} is the business of another replica by now, which has ${key}: this one begins again`,
    })
  }
}

/** What is parked of a lane, as this term has written it, or is about to. */
export interface HeldEntry {
  readonly key: string
  readonly item: ParkedItem
  /** Undefined until it has been written once. */
  revision: number | undefined
}

/**
 * Writes what is parked in the name of one term. Whoever was away for longer than his lease must neither rewrite nor remove what
 * his successor goes by: each entry says whose it is, and is changed by compare-and-set.
 */
export interface ParkedWriter {
  /** In whose name it writes: the same in no two terms. */
  readonly term: string
  /** Takes an entry over as it stands by now; undefined when it is gone. */
  claim(entry: ParkedEntry): Promise<ParkedEntry | undefined>
  /** Until it is written: the checkpoint must not pass what is not. Rejects when the term ends before. */
  write(held: HeldEntry): Promise<void>
  /** Rejects when the term ends before it is gone. */
  remove(held: HeldEntry): Promise<void>
  /** Ends the term when the entry is not its own. */
  assertOwn(entry: ParkedEntry): void
}

const HELD_POLL_MS = 50

/** @param fail ends the term */
export function createParkedWriter<Value>(
  { store, settings, keys, holder, lease, label, signal, logger }: TermOptions<Value>,
  fail: (cause: unknown) => void,
): ParkedWriter {
  const term = randomUUID()

  function superseded(key: string): FollowerSupersededError {
    const error = new FollowerSupersededError(label, key)
    fail(error)
    return error
  }

  function assertOwn({ key, item }: ParkedEntry): void {
    if (item.term !== term) throw superseded(key)
  }

  async function keep(attempt: () => Promise<void>): Promise<void> {
    const whileHeld = async () => {
      while (!lease.isHeld() && !signal.aborted) await pause(HELD_POLL_MS, signal)
      if (!lease.isHeld()) signal.throwIfAborted()
      await attempt()
    }
    await persistently(whileHeld, {
      signal,
      maxMs: settings.retryMaxMs,
      onFailure: (error) =>
        logger.debug({ err: error, follower: label }, 'what is parked could not be written'),
    })
  }

  /** Of what stands there, which has to be this term's own, maybe with what somebody has asked for meanwhile; what cannot be read is nobody's. */
  async function ownRevision(key: string): Promise<number | undefined> {
    const stored = await store.get(key)
    const entry = parkedEntry(key, stored)
    if (entry) assertOwn(entry)
    return stored?.revision
  }

  /** The revision. When it is not the one expected, the answer to an earlier attempt may have been lost. */
  async function put({ key, item, revision }: HeldEntry): Promise<number> {
    const expected =
      revision === undefined ? await store.create(key, item) : await store.update(key, item, revision)
    if (expected !== undefined) return expected
    const current = await ownRevision(key)
    if (current === undefined) throw superseded(key)
    const written = await store.update(key, item, current)
    if (written === undefined) throw contested(key)
    return written
  }

  /** What is new has no revision to be compared: somebody may have taken over just before. */
  async function assertHeld(key: string, revision: number): Promise<void> {
    const current = await store.get(keys.lease)
    if (parseLease(current?.value)?.holder === holder) return
    await store.remove(key, revision)
    throw superseded(key)
  }

  return {
    term,
    assertOwn,
    async claim({ key, ...found }) {
      let current: Omit<ParkedEntry, 'key'> | undefined = found
      while (current) {
        const item = { ...current.item, term }
        const revision = await store.update(key, item, current.revision)
        if (revision !== undefined) return { key, item, revision }
        // Somebody has just asked for something, or whoever had it before was still at it.
        current = await readParked(store, key)
      }
      return undefined
    },
    write: (held) =>
      keep(async () => {
        const written = await put(held)
        if (held.revision === undefined) await assertHeld(held.key, written)
        held.revision = written
      }),
    remove: ({ key, revision }) =>
      keep(async () => {
        if (revision !== undefined && (await store.remove(key, revision))) return
        const current = await ownRevision(key)
        // Whoever has asked for something meanwhile has it done already.
        if (current !== undefined && !(await store.remove(key, current))) throw contested(key)
      }),
  }
}

const contested = (key: string) => new Error(`${key} changes all the time`)
