import type { Logger } from 'pino'

/** What has been started, to be stopped in the reverse order. */
export interface Shutdown {
  /** It has begun. */
  readonly started: boolean
  add(name: string, stop: () => Promise<void>): void
  /** Stops every part, each whatever became of the others. May be called more than once. */
  run(): Promise<void>
}

export function createShutdown(logger: Logger): Shutdown {
  const parts: { name: string; stop: () => Promise<void> }[] = []
  let running: Promise<void> | undefined
  async function stopAll(): Promise<void> {
    logger.info('stopping: what was accepted is finished first')
    for (const { name, stop } of parts.toReversed()) {
      logger.debug(`stopping ${name}`)
      await stop().catch((error: unknown) => logger.error({ err: error }, `${name} did not stop in order`))
    }
  }
  return {
    get started() {
      return running !== undefined
    },
    add(name, stop) {
      parts.push({ name, stop })
    },
    run() {
      running ??= stopAll()
      return running
    },
  }
}
