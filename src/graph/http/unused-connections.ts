import type { FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'

/**
 * Ends, when the app closes, the connections on which nothing was ever asked: browsers open some ahead. For Node they are not
 * idle, and would hold the process for more than a minute.
 */
export function endUnusedConnections(app: FastifyInstance): void {
  const open = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('preClose', async () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  })
}
