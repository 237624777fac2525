import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type ConnectionLimits,
  CONNECTION_LIMITS,
  connectionOptions,
  limitConnections,
  limitSending,
} from '../../http/connection-limits.ts'
import { pause } from '../../../streams/waiting/pause.ts'
import { endUnusedConnections } from '../../http/unused-connections.ts'
import { type Active, createActive } from '../operation/active.ts'

/** What is served, and exchanged: whatever has an HTTP part. */
export interface Servable {
  /** Finishes what is under way, and lets go of the subgraphs. */
  close(): Promise<void>
}

export interface GatewayServerOptions<Gateway extends Servable> {
  /** The first to be served. */
  readonly gateway: Gateway
  /** Makes the HTTP part of a gateway; see `createGatewayHttp`. Whatever else it serves is swapped with it. */
  readonly createHttp: (gateway: Gateway) => FastifyInstance
  /** How long requests and subscriptions of a gateway that is swapped may still take, in milliseconds. */
  readonly graceMs: number
  readonly connections?: ConnectionLimits
  readonly logger: FastifyBaseLogger
}

export interface GatewayServer<Gateway extends Servable> {
  /** Not listening yet: routes can still be added; these stay. */
  readonly app: FastifyInstance
  /** The one that serves. */
  readonly gateway: Gateway
  /**
   * Serves another one from here on. What has begun with the old one is finished with it; then it is closed. Resolves when the
   * new one serves. Throws what its HTTP part throws when it does not start: then the old one stays.
   */
  swap(gateway: Gateway): Promise<void>
  /** Takes no new requests, answers those that are under way, and closes the gateway. */
  close(): Promise<void>
}

/** What serves one gateway. */
interface Unit<Gateway> {
  readonly gateway: Gateway
  readonly http: FastifyInstance
  readonly active: Active
}

const GRAPH_PATHS = /^\/(graphql|graphiql)?\/?(\?|$)/

/**
 * A server whose gateway can be exchanged while it serves. Mercurius' `replaceSchema` would not do: a request that has been validated with one
 * schema would be executed with another. So there is an HTTP part for each gateway, and one listener that hands every
 * request to the one that serves at that moment.
 */
export async function createGatewayServer<Gateway extends Servable>({
  gateway,
  createHttp,
  graceMs,
  connections = CONNECTION_LIMITS,
  logger,
}: GatewayServerOptions<Gateway>): Promise<GatewayServer<Gateway>> {
  let current = await start(gateway)
  const retiring = new Set<Promise<void>>()

  async function start(gateway: Gateway): Promise<Unit<Gateway>> {
    const http = createHttp(gateway)
    await http.ready()
    return { gateway, http, active: createActive() }
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { http, active } = current
    active.begin()
    response.once('close', () => active.end())
    http.routing(request, response)
  }

  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: (other) => listener(handle, other, connections),
  })
  limitConnections(app.server, connections)
  limitSending(app, connections)
  endUnusedConnections(app)
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Whoever serves WebSocket listens at the server of its app, which does not listen itself.
    if (!current.http.server.emit('upgrade', request, socket, head)) socket.destroy()
  })

  return {
    app,
    get gateway() {
      return current.gateway
    },
    async swap(next) {
      const unit = await start(next)
      const old = current
      current = unit
      const retired = retire(old, graceMs)
        .catch((error: unknown) => logger.error({ err: error }, 'a gateway that was swapped did not close'))
        .finally(() => retiring.delete(retired))
      retiring.add(retired)
    },
    async close() {
      await Promise.all([app.close(), retire(current, graceMs), ...retiring])
    },
  }
}

/** Ends its subscriptions: clients come again, and go on from their cursors. All else is finished, if it is in time. */
async function retire({ gateway, http, active }: Unit<Servable>, graceMs: number): Promise<void> {
  const late = new AbortController()
  try {
    await http.close()
    await Promise.race([active.idle(), pause(graceMs, late.signal)])
  } finally {
    late.abort()
    await gateway.close()
  }
}

function listener(handle: RequestListener, other: RequestListener, connections: ConnectionLimits): Server {
  return createServer(connectionOptions(connections), (request, response) => {
    if (GRAPH_PATHS.test(request.url ?? '/')) handle(request, response)
    else other(request, response)
  })
}
