/** What came in time, in an object so that it can be told from what did not: that is not waited for any more, and undefined. */
export async function within<T>(ms: number, work: Promise<T>): Promise<{ value: T } | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    // After a stall of our own, timers run before sockets are read: what lies there came in time.
    timer = setTimeout(() => setImmediate(() => resolve(undefined)), ms)
  })
  try {
    return await Promise.race([work.then((value) => ({ value })), late])
  } finally {
    clearTimeout(timer)
  }
}
