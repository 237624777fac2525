interface Stoppable {
  stop(): Promise<void>
}

/**
 * Starts something and stops it in order on SIGINT (Ctrl-C) or SIGTERM; resolves when it has stopped. A signal during the
 * start stops it as soon as it has started. A second Ctrl-C gives up waiting: the next start picks up what is left.
 */
export async function runUntilSignal<T extends Stoppable>(
  start: () => Promise<T>,
  started: (running: T) => void,
): Promise<void> {
  const signalled = Promise.withResolvers<void>()
  let signals = 0
  const onSignal = () => {
    if (++signals > 1) process.exit(130)
    signalled.resolve()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const running = await start()
    if (signals === 0) started(running)
    await signalled.promise
    await running.stop()
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
