import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { CloseCode, type Server, handleProtocols } from 'graphql-ws'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { pause } from '../../streams/waiting/pause.ts'
import { TooManyConnectionsError } from './errors.ts'
import { type LiveTransportSettings, STANDARD_TRANSPORT } from './transport-settings.ts'
import type { OperationHost } from './operation.ts'
import { isSameOrigin, refuseUpgrade } from './upgrade.ts'
import { type ConnectionFacts, operationServer } from './websocket-operations.ts'

const PATH = '/graphql'
/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const GOING_AWAY = 1001

/**
 * Serves GraphQL over WebSocket at `/graphql`: what upgrades there with the subprotocol graphql-transport-ws. When the app closes, the
 * connections are ended with 1001, so that clients connect again, to whoever serves then, and go on from their cursors.
 *
 * One that does not read is not sent more: an operation's next result is made when the one before has been taken by the
 * network.
 */
export function serveWebSocket(
  app: FastifyInstance,
  host: OperationHost,
  given: Partial<LiveTransportSettings> = {},
): void {
  const settings = { ...STANDARD_TRANSPORT, ...given }
  const operations = operationServer(host, settings)
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: settings.maxPayload,
    handleProtocols,
    perMessageDeflate: false,
  })
  const serve = clientServer(operations, settings, { host, logger: app.log })
  let closing = false

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // What a client sends for an address may be none: `//`.
    if (URL.parse(request.url ?? '/', 'http://any')?.pathname !== PATH) {
      // Somebody else may serve other paths.
      if (app.server.listenerCount('upgrade') === 1) refuseUpgrade(socket, 404)
      return
    }
    if (!isSameOrigin(request)) return refuseUpgrade(socket, 403)
    if (closing || server.clients.size >= settings.maxConnections)
      return refuseUpgrade(socket, 503, new TooManyConnectionsError())
    server.handleUpgrade(request, socket, head, (client) => serve(client, request.headers))
  }

  app.server.on('upgrade', upgrade)
  app.addHook('preClose', async () => {
    closing = true
    await endAll(server, settings.closeTimeoutMs)
  })
}

/** Serves the operations of one connection after the other. */
function clientServer(
  operations: Server<ConnectionFacts>,
  settings: LiveTransportSettings,
  { host, logger }: { host: OperationHost; logger: FastifyBaseLogger },
): (client: WebSocket, headers: IncomingHttpHeaders) => void {
  return (client, headers) => {
    const alive = keepAlive(client, settings.keepAliveMs)
    const closed = operations.opened(
      {
        protocol: client.protocol,
        send: (data) =>
          new Promise((resolve, reject) => {
            if (client.readyState !== client.OPEN) return resolve()
            client.send(data, (error) => (error ? reject(error) : resolve()))
          }),
        close: (code, reason) => client.close(code, reason),
        onMessage(handle) {
          client.on('message', (data) => {
            if (isFlooded()) return
            handle(textOf(data)).catch((error: unknown) => {
              if (client.readyState !== client.OPEN) return
              host.report(error)
              client.close(CloseCode.InternalServerError, 'Internal server error')
            })
          })
        },
      },
      { headers },
    )

    /** Answers to pings and refusals are not waited for: who asks for more and more and reads nothing is cut off. */
    function isFlooded(): boolean {
      if (client.bufferedAmount <= settings.maxUnsent) return false
      client.terminate()
      return true
    }

    client.on('ping', isFlooded)
    // A frame that is none, or too large: the library ends the connection with the code that says so.
    client.on('error', (error) => logger.debug({ err: error }, 'a WebSocket connection failed'))
    client.once('close', (code, reason) => {
      clearInterval(alive)
      closed(code, reason.toString()).catch((error: unknown) => host.report(error))
    })
  }
}

/** Ends every connection in order, and those that do not answer in time all the same. */
async function endAll(server: WebSocketServer, timeoutMs: number): Promise<void> {
  const clients = [...server.clients]
  const ends = clients.map((client) => new Promise<void>((resolve) => client.once('close', () => resolve())))
  for (const client of clients) client.close(GOING_AWAY, 'Going away')
  const late = new AbortController()
  await Promise.race([Promise.all(ends), pause(timeoutMs, late.signal)])
  late.abort()
  for (const client of server.clients) client.terminate()
  server.close()
}

/** Asks every so often whether the client is there; one that has not answered by the next time is not. */
function keepAlive(client: WebSocket, everyMs: number): NodeJS.Timeout {
  let answered = true
  client.on('pong', () => (answered = true))
  function look() {
    if (!answered) return client.terminate()
    answered = false
    client.ping()
  }
  // After a stall of our own, timers run before sockets are read, and the answers may lie there already.
  return setInterval(() => setImmediate(look), everyMs)
}

/** Text frames come in one piece each; see `binaryType` of ws. */
function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  return Buffer.isBuffer(data) ? data.toString() : ''
}
