import type { Logger } from 'pino'

/** Says that a server is not where it was meant to be, since somebody else is there. Port 0 means any. */
export function tellPort(what: string, wanted: number, actual: number, logger: Pick<Logger, 'warn'>): void {
  if (wanted !== 0 && actual !== wanted)
    logger.warn({ port: wanted, actual }, `port ${wanted} is taken; ${what} listens on ${actual}`)
}
