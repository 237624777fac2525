import { hash } from 'node:crypto'

/** Bytes an entry takes when packed: a hash of the id (6), the commit's sequence (6), when it was recorded in seconds (4). */
const ENTRY = 16
const HASH_BYTES = 6
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

  constructor(windowMs: number, packed = '') {
    this.#windowMs = windowMs
    this.#packed = Buffer.from(packed, 'base64')
  }

  add(commandId: string, sequence: number, recordedAt: number): void {
    this.#fresh.set(commandId, { sequence, recordedAt })
    if (this.#fresh.size >= Math.max(PACK_AT, this.#packed.length / ENTRY / 4)) this.#pack()
  }

  /** The sequences of the commits that may hold this command id; mostly none or one. */
  find(commandId: string): number[] {
    const fresh = this.#fresh.get(commandId)
    if (fresh) return [fresh.sequence]
    if (this.#packed.length === 0) return []
    const hash = this.#hashOf(commandId)
    const found: number[] = []
    for (let at = this.#lowerBound(hash); at < this.#packed.length; at += ENTRY) {
      if (this.#packed.readUIntBE(at, HASH_BYTES) !== hash) break
      found.push(this.#packed.readUIntBE(at + HASH_BYTES, 6))
    }
    return found
  }

  /** Everything that is still within the window, in base64, for the constructor. */
  toString(): string {
    this.#pack()
    return this.#packed.toString('base64')
  }

  /** Merges the new ids into the table and leaves out what is past the window: linear, since a table can be large. */
  #pack(): void {
    const oldest = Math.floor((Date.now() - this.#windowMs) / 1000)
    const fresh = this.#freshEntries()
    const old = this.#packed
    const merged = Buffer.allocUnsafe(old.length + fresh.length * ENTRY)
    let end = 0
    const keep = (source: Buffer, from: number, to: number) => {
      for (let at = from; at < to; at += ENTRY) {
        if (source.readUInt32BE(at + 12) >= oldest) continue
        end += source.copy(merged, end, from, at)
        from = at + ENTRY
      }
      end += source.copy(merged, end, from, to)
    }
    let done = 0
    for (const entry of fresh) {
      const at = this.#lowerBound(entry.readUIntBE(0, HASH_BYTES))
      keep(old, done, at)
      keep(entry, 0, ENTRY)
      done = at
    }
    keep(old, done, old.length)
    this.#packed = merged.subarray(0, end)
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

  #freshEntries(): Buffer[] {
    const entries = Array.from(this.#fresh, ([commandId, { sequence, recordedAt }]) => {
      const entry = Buffer.allocUnsafe(ENTRY)
      entry.writeUIntBE(this.#hashOf(commandId), 0, HASH_BYTES)
      entry.writeUIntBE(sequence, HASH_BYTES, 6)
      entry.writeUInt32BE(Math.ceil(recordedAt / 1000), 12)
      return entry
    })
    return entries.sort((a, b) => a.compare(b))
  }

  /** The offset of the first entry whose hash is not less than the given one. */
  #lowerBound(hash: number): number {
    let low = 0
    let high = this.#packed.length / ENTRY
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#packed.readUIntBE(middle * ENTRY, HASH_BYTES) < hash) low = middle + 1
      else high = middle
    }
    return low * ENTRY
  }
}

/** 48 bits of a SHA-256: spread evenly whatever ids a client makes up. */
function hashOf(commandId: string): number {
  return hash('sha256', commandId, 'buffer').readUIntBE(0, HASH_BYTES)
}
