import type { FastifyInstance } from 'fastify'
import type { Server, ServerOptions } from 'node:http'

/** What connections may take of an HTTP server. */
export interface ConnectionLimits {
  /** How long a request may take to arrive, and an answer may stand still on its way, in milliseconds. */
  readonly requestTimeoutMs: number
  /** How many there may be at a time; WebSocket and SSE are among them. */
  readonly maxConnections: number
}

export const CONNECTION_LIMITS: ConnectionLimits = { requestTimeoutMs: 30_000, maxConnections: 25_000 }

/** Node looks for requests that take too long this often, and can be told so only when the server is made. */
export function connectionOptions({ requestTimeoutMs }: ConnectionLimits): ServerOptions {
  return { connectionsCheckingInterval: Math.min(5000, requestTimeoutMs) }
}

/**
 * Who opens connections and says nothing, or a byte a minute, loses them. From the first byte, or the connection on where there is
 * none, until the last of the body: https://nodejs.org/api/http.html#serverrequesttimeout (Fastify switches it off).
 */
export function limitConnections(
  server: Server,
  { requestTimeoutMs, maxConnections }: ConnectionLimits,
): void {
  server.requestTimeout = requestTimeoutMs
  server.headersTimeout = requestTimeoutMs
  server.maxConnections = maxConnections
}

/**
 * Who asks and does not read the answer loses the connection: it would be kept in memory for as long as he likes. The time
 * begins with the answer, which may take long to be made, and Node takes it back when all of it is sent.
 */
export function limitSending(app: FastifyInstance, { requestTimeoutMs }: ConnectionLimits): void {
  app.addHook('onSend', async ({ raw: { socket } }) => {
    socket.setTimeout(requestTimeoutMs)
  })
}
