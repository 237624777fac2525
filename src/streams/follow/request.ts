import { setTimeout as delay } from 'node:timers/promises'
import { HeadwaterError } from '../errors.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { type FollowerName, keysOf } from './names.ts'
import { type ParkedEntry, type ParkedItem, loadParked, readParked } from './parked-item.ts'
import type { SourceState } from './source.ts'
import type { FollowerStore } from './store.ts'

/** Which of a follower's parked events: the one at a sequence, those of an aggregate, or all. */
export type Which = { sequence: number } | { aggregate: string; id: string } | 'all'

/** How many of those asked for are parked no more, and what still, or again, is. */
export interface RequestOutcome {
  cleared: number
  stayed: ParkedItem[]
}

const POLL_MS = 100
const PATIENCE_MS = 15_000

/**
 * Asks the active replica to try parked events again, or to leave them out for good, and waits until it has. What waits behind them
 * is handled either way. What nobody does now stays asked for.
 *
 * @throws HeadwaterError PARKED_EVENT_NOT_FOUND, FOLLOWER_NOT_RUN
 */
export async function requestParked(
  store: FollowerStore,
  followers: readonly FollowerName[],
  which: Which,
  action: 'retry' | 'drop',
  patienceMs = PATIENCE_MS,
): Promise<RequestOutcome> {
  const asked: ParkedEntry[] = []
  for (const follower of followers) {
    const entries = (await loadParked(store, follower)).filter(({ item }) => matches(item, which))
    try {
      for (const entry of entries) {
        if ((await store.update(entry.key, { ...entry.item, action }, entry.revision)) !== undefined)
          asked.push(entry)
      }
    } finally {
      // Also after a failure: what was written without its answer coming is to be seen to.
      if (entries.length > 0) await bump(store, keysOf(follower).request)
    }
  }
  if (asked.length === 0) {
    throw new HeadwaterError({
      code: 'PARKED_EVENT_NOT_FOUND',
      status: 404,
      detail: 'Nothing like that is parked: `parked` shows what there is',
    })
  }
  return await untilSeen(store, asked, patienceMs)
}

function matches(item: ParkedItem, which: Which): boolean {
  if (which === 'all') return true
  if ('sequence' in which) return item.sequence === which.sequence
  return item.aggregate === which.aggregate && item.id === which.id
}

/** The revision of this key is what the active replica looks at. */
async function bump(store: FollowerStore, key: string): Promise<void> {
  for (;;) {
    const entry = await store.get(key)
    const at = new Date().toISOString()
    const written = entry ? await store.update(key, { at }, entry.revision) : await store.create(key, { at })
    if (written !== undefined) return
  }
}

async function untilSeen(
  store: FollowerStore,
  asked: readonly ParkedEntry[],
  patienceMs: number,
): Promise<RequestOutcome> {
  let waiting = [...asked]
  const stayed: ParkedItem[] = []
  let cleared = 0
  for (let deadline = Date.now() + patienceMs; ;) {
    const left: ParkedEntry[] = []
    for (const entry of waiting) {
      const now = await readParked(store, entry.key)
      if (!now) cleared++
      else if (now.item.action === null) stayed.push(now.item)
      else left.push(entry)
    }
    if (left.length === 0) return { cleared, stayed }
    if (left.length < waiting.length) deadline = Date.now() + patienceMs
    if (Date.now() > deadline) throw notRun(left.length)
    waiting = left
    await delay(POLL_MS)
  }
}

function notRun(count: number): HeadwaterError {
  return new HeadwaterError({
    code: 'FOLLOWER_NOT_RUN',
    status: 503,
    detail: `No service sees to it now: ${count} parked events are still to be looked at. They stay asked for, and are done when one runs`,
  })
}

/**
 * Says where a follower goes on, after its stream was restored or made anew, or to leave out or repeat a part on purpose. The
 * active replica notices, and begins again from there.
 */
export async function resetFollower(
  store: FollowerStore,
  follower: FollowerName,
  { created, sequence }: Pick<SourceState, 'created'> & { sequence: number },
): Promise<void> {
  const key = keysOf(follower).checkpoint
  for (;;) {
    const entry = await store.get(key)
    const before = parseCheckpoint(entry?.value)
    const epoch = (before?.epoch ?? 0) + 1
    const value = { ...before, created, sequence, epoch, writer: '' } satisfies Checkpoint
    const written = entry ? await store.update(key, value, entry.revision) : await store.create(key, value)
    if (written !== undefined) return
  }
}
