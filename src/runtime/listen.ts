import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { tellPort } from './tell-port.ts'

/**
 * Listens on the port, or on a free one when it is taken, and answers the server's URL.
 * @throws what the system says when the address cannot be used at all
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: { host: string; port: number },
  logger: Pick<Logger, 'warn'>,
): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    if (!isTaken(error) || port === 0) throw error
    await app.listen({ host, port: 0 })
  }
  const address = app.server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  tellPort('HTTP', port, actual, logger)
  return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
