/** Something that takes a while to read and may be a little old. */
export interface Cached<Value> {
  /** What was read last, if that is not too long ago, or reads it; those who ask meanwhile share the answer. */
  get(): Promise<Value>
  /** What was read last, if that is a few times as old at most; it is read again for the next who asks. */
  peek(): Value | undefined
}

const STALE = 5

/** @param maxAgeMs how old an answer may be; a failure is not kept */
export function cached<Value>(read: () => Promise<Value>, maxAgeMs: number): Cached<Value> {
  let last: { value: Value; at: number } | undefined
  let reading: Promise<Value> | undefined

  const within = (ageMs: number) =>
    last !== undefined && performance.now() - last.at < ageMs ? last : undefined

  async function renew(): Promise<Value> {
    try {
      const value = await read()
      last = { value, at: performance.now() }
      return value
    } finally {
      reading = undefined
    }
  }

  return {
    async get() {
      return within(maxAgeMs)?.value ?? (await (reading ??= renew()))
    },
    peek() {
      // Nobody waits for this one, so nobody hears of its failure; whoever calls `get` does.
      if (!within(maxAgeMs)) (reading ??= renew()).catch(() => undefined)
      return within(STALE * maxAgeMs)?.value
    },
  }
}
