/**
 * An iteration that can be ended while it waits: the generator gets a signal, which is aborted when the reader returns. A plain
 * generator would only hear of it when what it waits for has come, which here may be never.
 */
export function closable<Item>(
  generate: (signal: AbortSignal) => AsyncGenerator<Item>,
): AsyncIterableIterator<Item> {
  const controller = new AbortController()
  const items = generate(controller.signal)
  return {
    next: () => items.next(),
    return() {
      controller.abort()
      return items.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
