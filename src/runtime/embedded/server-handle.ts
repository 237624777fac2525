import type { DataLock } from './data-lock.ts'
import type { Logger } from '../../streams/logger.ts'
import type { EmbeddedServer, ServerExit } from './server.ts'
import type { ServerProcess } from './server-process.ts'

export interface HandleOf {
  server: ServerProcess
  name: string
  url: string
  port: number
  lock: DataLock
  logger: Logger
}

/** The outside of a running server: its lock on the data goes when the process does, however that comes about. */
export function serverHandle({ server, name, url, port, lock, logger }: HandleOf): EmbeddedServer {
  const { pid } = server
  const exited = server.exited.then(async (exit): Promise<ServerExit> => {
    await lock.release()
    if (exit.expected) logger.info({ serverPid: pid }, `${name} stopped`)
    else logger.error({ serverPid: pid, code: exit.code, signal: exit.signal }, `${name} ended unexpectedly`)
    return exit
  })
  return {
    url,
    port,
    pid,
    exited,
    stop: async () => {
      await server.stop()
      await exited
    },
  }
}

/** A host as an address writes it: IPv6 in brackets (RFC 3986). */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
