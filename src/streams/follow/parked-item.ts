import { z } from 'zod'
import { HeadwaterError } from '../errors.ts'
import { keysOf, type FollowerName } from './names.ts'
import type { FollowerStore } from './store.ts'

/** An event that could not be handled. One for each lane: what follows of the same aggregate waits behind it. */
const ParkedItem = z.object({
  stream: z.string(),
  sequence: z.int().positive(),
  /** Which event of the commit, from 0. */
  index: z.int().nonnegative(),
  aggregate: z.string(),
  id: z.string(),
  eventId: z.string(),
  type: z.string(),
  code: z.string(),
  cause: z.string(),
  attempts: z.int().positive(),
  /** ISO 8601 */
  parkedAt: z.string(),
  /** When the stream was made that it is of; what an older release wrote does not say. */
  created: z.string().optional(),
  /** How often somebody had said anew where it goes on when it was parked. */
  epoch: z.int().nonnegative().default(0),
  /** What is to be done with it, until the active replica has done so. */
  action: z.enum(['retry', 'drop']).nullable(),
})
export type ParkedItem = z.output<typeof ParkedItem>

/** A parked item as it stands in the store. */
export interface ParkedEntry {
  key: string
  revision: number
  item: ParkedItem
}

const AT_A_TIME = 64

/** What is parked of a follower, the oldest first. */
export async function loadParked(store: FollowerStore, follower: FollowerName): Promise<ParkedEntry[]> {
  const keys = await store.keys(keysOf(follower).allParked)
  const entries: ParkedEntry[] = []
  for (let from = 0; from < keys.length; from += AT_A_TIME) {
    const page = await Promise.all(keys.slice(from, from + AT_A_TIME).map((key) => readParked(store, key)))
    entries.push(...page.filter((entry) => entry !== undefined))
  }
  return entries.sort((a, b) => a.item.sequence - b.item.sequence)
}

export async function readParked(store: FollowerStore, key: string): Promise<ParkedEntry | undefined> {
  const entry = await store.get(key)
  const result = ParkedItem.safeParse(entry?.value)
  return entry && result.success ? { key, revision: entry.revision, item: result.data } : undefined
}

/** Writes what is parked of a lane, whatever stood there. */
export async function writeParked(store: FollowerStore, key: string, item: ParkedItem): Promise<void> {
  for (;;) {
    const current = await store.get(key)
    const written = current ? await store.update(key, item, current.revision) : await store.create(key, item)
    if (written !== undefined) return
  }
}

/** Takes away what is parked of a lane; whoever has asked for something meanwhile has it done already. */
export async function removeParked(store: FollowerStore, key: string): Promise<void> {
  for (;;) {
    const current = await store.get(key)
    if (!current || (await store.remove(key, current.revision))) return
  }
}

const CAUSE_LENGTH = 1000

/** A failure as it is kept: a stable code, and what was said, within bounds. */
export function failureText(cause: unknown): { code: string; cause: string } {
  const text = cause instanceof Error ? cause.message : String(cause)
  return {
    code: cause instanceof HeadwaterError ? cause.code : 'FOLLOWER_EVENT_FAILED',
    cause: text.slice(0, CAUSE_LENGTH).toWellFormed(),
  }
}
