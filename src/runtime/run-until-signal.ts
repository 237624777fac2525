interface Stoppable {
  stop(): Promise<void>
}

/**
 * Starts something and stops it in order on SIGINT (Ctrl-C) or SIGTERM; resolves when it has stopped. A signal during the
 * start aborts what the start was given; who does not heed it is stopped once it has started. A second Ctrl-C gives up
 * waiting: the next start picks up what is left.
 */
export async function runUntilSignal<T extends Stoppable>(
  start: (stopping: AbortSignal) => Promise<T>,
  started: (running: T) => void,
): Promise<void> {
  const signalled = Promise.withResolvers<void>()
  const stopping = new AbortController()
  let signals = 0
  const onSignal = () => {
    if (++signals > 1) process.exit(130)
    stopping.abort()
    signalled.resolve()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const running = await start(stopping.signal)
    if (signals === 0) started(running)
    await signalled.promise
    await running.stop()
  } catch (error) {
    // It was told to.
    if (!stopping.signal.aborted || error !== stopping.signal.reason) throw error
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
