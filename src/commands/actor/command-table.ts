/** Bytes an entry takes: a hash of the command's id (6), its commit's sequence (6), when that was recorded in seconds (4). */
export const ENTRY_BYTES = 16
const HASH_BYTES = 6
const SEQUENCE_AT = HASH_BYTES
const SECONDS_AT = 12

export interface TableEntry {
  /** 48 bits. */
  hash: number
  sequence: number
  /** In milliseconds since 1970. */
  recordedAt: number
}

/** A table of command ids: entries side by side, sorted by their hash. */
export function tableOf(entries: readonly TableEntry[]): Buffer {
  const packed = entries.map(({ hash, sequence, recordedAt }) => {
    const entry = Buffer.allocUnsafe(ENTRY_BYTES)
    entry.writeUIntBE(hash, 0, HASH_BYTES)
    entry.writeUIntBE(sequence, SEQUENCE_AT, 6)
    entry.writeUInt32BE(Math.ceil(recordedAt / 1000), SECONDS_AT)
    return entry
  })
  return Buffer.concat(packed.sort((a, b) => a.compare(b)))
}

export const hashAt = (table: Buffer, at: number) => table.readUIntBE(at, HASH_BYTES)
const sequenceAt = (table: Buffer, at: number) => table.readUIntBE(at + SEQUENCE_AT, 6)
const secondsAt = (table: Buffer, at: number) => table.readUInt32BE(at + SECONDS_AT)

/** The sequences of the commits under a hash. */
export function sequencesOf(table: Buffer, hash: number): number[] {
  const found: number[] = []
  for (let at = lowerBound(table, hash); at < table.length && hashAt(table, at) === hash; at += ENTRY_BYTES) {
    found.push(sequenceAt(table, at))
  }
  return found
}

/** Both in one, without what was recorded before `oldest`, in seconds since 1970. Linear: one of them may be large. */
export function merged(large: Buffer, small: Buffer, oldest: number): Buffer {
  const all = Buffer.allocUnsafe(large.length + small.length)
  const isYoung = (table: Buffer, at: number) => secondsAt(table, at) >= oldest
  let end = 0
  let done = 0
  for (let at = 0; at < small.length; at += ENTRY_BYTES) {
    const place = lowerBound(large, hashAt(small, at))
    end = copyOnly(isYoung, large, done, place, all, end)
    end = copyOnly(isYoung, small, at, at + ENTRY_BYTES, all, end)
    done = place
  }
  return all.subarray(0, copyOnly(isYoung, large, done, large.length, all, end))
}

/** The entries of the commits after a sequence. */
export function entriesAfter(table: Buffer, sequence: number): Buffer {
  return only(table, (_, at) => sequenceAt(table, at) > sequence)
}

/** Splits off the oldest commits with at least `count` entries, if there are so many: never a part of a commit. */
export function splitOldest(table: Buffer, count: number) {
  const sequences = new Float64Array(table.length / ENTRY_BYTES)
  for (let index = 0; index < sequences.length; index++)
    sequences[index] = sequenceAt(table, index * ENTRY_BYTES)
  const through = sequences.sort()[Math.min(count, sequences.length) - 1] ?? 0
  const oldest = only(table, (_, at) => sequenceAt(table, at) <= through)
  return { oldest, through, rest: entriesAfter(table, through) }
}

/** When the youngest entry was recorded, in seconds since 1970. */
export function newestOf(table: Buffer): number {
  let newest = 0
  for (let at = 0; at < table.length; at += ENTRY_BYTES) newest = Math.max(newest, secondsAt(table, at))
  return newest
}

type Which = (table: Buffer, at: number) => boolean

function only(table: Buffer, which: Which): Buffer {
  const kept = Buffer.allocUnsafe(table.length)
  return kept.subarray(0, copyOnly(which, table, 0, table.length, kept, 0))
}

/** Copies the entries of a range that are asked for, in runs; answers where the target then ends. */
function copyOnly(
  which: Which,
  source: Buffer,
  from: number,
  to: number,
  target: Buffer,
  end: number,
): number {
  let start = from
  for (let at = from; at < to; at += ENTRY_BYTES) {
    if (which(source, at)) continue
    end += source.copy(target, end, start, at)
    start = at + ENTRY_BYTES
  }
  return end + source.copy(target, end, start, to)
}

/** The offset of the first entry whose hash is not less than the given one. */
function lowerBound(table: Buffer, hash: number): number {
  let low = 0
  let high = table.length / ENTRY_BYTES
  while (low < high) {
    const middle = (low + high) >>> 1
    if (hashAt(table, middle * ENTRY_BYTES) < hash) low = middle + 1
    else high = middle
  }
  return low * ENTRY_BYTES
}
