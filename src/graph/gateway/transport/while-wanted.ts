/** The items of a source until the signal is aborted, even while the source is waited for; the source is ended then. */
export async function* whileWanted<Item>(
  source: AsyncIterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]()
  let stop: (() => void) | undefined
  const leave = () => stop?.()
  signal.addEventListener('abort', leave, { once: true })
  try {
    while (!signal.aborted) {
      const next = await new Promise<IteratorResult<Item> | undefined>((resolve, reject) => {
        stop = () => resolve(undefined)
        items.next().then(resolve, reject)
      })
      if (!next || next.done === true) break
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', leave)
    // Not waited for: a generator only hears of it when what it waits for has come.
    items.return?.().catch(() => undefined)
  }
}
