import { type Socket, connect } from 'node:net'

/** Where a database is: what mysql2 has read from its address. */
export interface SocketTarget {
  host: string
  port: number
  /** A socket of this machine, in place of both. */
  socketPath?: string | undefined
}

/** The connections of a pool that only says goodbye and leaves it to the other side to end them. */
export interface Sockets {
  connect(target: SocketTarget): Socket
  /** Resolves when all of them are closed: those that the other side has not closed by then are cut off. */
  closed(timeoutMs: number): Promise<void>
}

const KEEP_ALIVE_MS = 15_000

/** Without it, one connection that has stalled would keep the process from ending for as long as TCP hopes. */
export function createSockets(): Sockets {
  const open = new Set<Socket>()
  return {
    connect({ host, port, socketPath }) {
      const socket = socketPath === undefined ? connect(port, host) : connect(socketPath)
      open.add(socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS))
      // Who ends it on our side has given it up: nothing is waited for.
      socket.once('finish', () => socket.destroy())
      socket.once('close', () => open.delete(socket))
      return socket
    },
    async closed(timeoutMs) {
      const closing = [...open].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      )
      const late = setTimeout(() => {
        for (const socket of open) socket.destroy()
      }, timeoutMs)
      await Promise.all(closing)
      clearTimeout(late)
    },
  }
}
