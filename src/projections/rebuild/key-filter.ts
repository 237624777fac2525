/** Bits for a key, and bits set by it: about one key in 200 that was never added is taken for one that was. */
const BITS_PER_KEY = 12
const HASHES = 5
/** 64 MB: enough for 45 million keys at that rate; with more the filter lies more often, and costs reads. */
const MOST_BITS = 2 ** 29
const FEWEST_BITS = 2 ** 20

/**
 * Remembers which keys have been added, in bounded memory: `has` is never wrongly false. (A Bloom filter: Burton H. Bloom,
 * "Space/time trade-offs in hash coding with allowable errors", 1970.)
 */
export class KeyFilter {
  readonly #bits: Uint32Array
  readonly #mask: number

  constructor(expectedKeys: number) {
    let size = FEWEST_BITS
    while (size < expectedKeys * BITS_PER_KEY && size < MOST_BITS) size *= 2
    this.#bits = new Uint32Array(size / 32)
    this.#mask = size - 1
  }

  add(key: string): void {
    let [bit, step] = hashesOf(key)
    for (let round = 0; round < HASHES; round++) {
      const at = bit & this.#mask
      this.#bits[at >>> 5] = (this.#bits[at >>> 5] ?? 0) | (1 << (at & 31))
      bit = (bit + step) | 0
      step = (step + round) | 0
    }
  }

  has(key: string): boolean {
    let [bit, step] = hashesOf(key)
    for (let round = 0; round < HASHES; round++) {
      const at = bit & this.#mask
      if (((this.#bits[at >>> 5] ?? 0) & (1 << (at & 31))) === 0) return false
      bit = (bit + step) | 0
      step = (step + round) | 0
    }
    return true
  }
}

/** Two hashes in one pass (FNV-1a, and one with another prime), mixed so that the low bits depend on all. */
function hashesOf(key: string): [number, number] {
  let first = 0x811c9dc5
  let second = 0x9747b28c
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index)
    first = Math.imul(first ^ code, 0x01000193)
    second = Math.imul(second ^ code, 0x5bd1e995)
  }
  return [mixed(first), mixed(second) | 1]
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}
