import { z } from 'zod'
import { HeadwaterError } from '../errors.ts'
import { keysOf, type FollowerName } from './names.ts'
import type { FollowerStore, StoredEntry } from './store.ts'

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
  /** The term that has it, of which replica so ever: what an older release wrote is nobody's. */
  term: z.string().default(''),
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

/** How many are read or written side by side. */
export const AT_A_TIME = 64

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
  return parkedEntry(key, await store.get(key))
}

/** Undefined for what is not there, and for what cannot be read. */
export function parkedEntry(key: string, stored: StoredEntry | undefined): ParkedEntry | undefined {
  const result = ParkedItem.safeParse(stored?.value)
  return stored && result.success ? { key, revision: stored.revision, item: result.data } : undefined
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
