import { hash } from 'node:crypto'
import { ENTRY_BYTES, entriesAfter, merged, sequencesOf, tableOf } from './command-table.ts'

/** New ids are kept as they are until there are this many (or a quarter of the packed ones), then packed. */
const PACK_AT = 1000
const HASHES_KEPT = 100_000

/**
 * The command ids that an aggregate has accepted within a window of time, and the sequence of the commit that each went
 * into. Old ids are kept as a sorted table of hashes, 16 bytes each, so that a hot aggregate stays small in memory and
 * in its snapshot. A hash may lie: a hit is a place to look in the log, not an answer.
 */
export class RecentCommands {
  readonly #windowMs: number
  #packed: Buffer
  #fresh = new Map<string, { sequence: number; recordedAt: number }>()
  /** Of ids that were looked for since the last packing: most are added next, and packed with the same hash. */
  #hashes = new Map<string, number>()

  /** @param table what `after` gave of the same aggregate; none for a new one */
  constructor(windowMs: number, table: Buffer = Buffer.alloc(0)) {
    this.#windowMs = windowMs
    this.#packed = table
  }

  /** @param commandId undefined where another program has written the commit: there is no command to be sent again */
  add(commandId: string | undefined, sequence: number, recordedAt: number): void {
    if (commandId === undefined) return
    this.#fresh.set(commandId, { sequence, recordedAt })
    if (this.#fresh.size >= Math.max(PACK_AT, this.#packed.length / ENTRY_BYTES / 4)) this.#pack()
  }

  /** Adds what `after` gave of the same aggregate. */
  addTable(table: Buffer): void {
    this.#packed = merged(this.#packed, table, this.oldest)
  }

  /** The sequences of the commits that may hold this command id; mostly none or one. */
  find(commandId: string): number[] {
    const fresh = this.#fresh.get(commandId)
    if (fresh) return [fresh.sequence]
    return this.#packed.length === 0 ? [] : sequencesOf(this.#packed, this.#hashOf(commandId))
  }

  /** The ids of the commits after a sequence that are still within the window, as a table. */
  after(sequence: number): Buffer {
    this.#pack()
    return sequence === 0 ? this.#packed : entriesAfter(this.#packed, sequence)
  }

  /** What was recorded before is past the window; in seconds since 1970. */
  get oldest(): number {
    return Math.floor((Date.now() - this.#windowMs) / 1000)
  }

  /** Merges the new ids into the table and leaves out what is past the window. */
  #pack(): void {
    const fresh = Array.from(this.#fresh, ([commandId, where]) => ({
      hash: this.#hashOf(commandId),
      ...where,
    }))
    this.#packed = merged(this.#packed, tableOf(fresh), this.oldest)
    this.#fresh = new Map()
    this.#hashes = new Map()
  }

  #hashOf(commandId: string): number {
    let hash = this.#hashes.get(commandId)
    if (hash === undefined) {
      hash = hashOf(commandId)
      // Ids that are looked for and never added are few, but they must not add up.
      if (this.#hashes.size >= HASHES_KEPT) this.#hashes = new Map()
      this.#hashes.set(commandId, hash)
    }
    return hash
  }
}

/** 48 bits of a SHA-256: spread evenly whatever ids a client makes up. */
function hashOf(commandId: string): number {
  return hash('sha256', commandId, 'buffer').readUIntBE(0, 6)
}
