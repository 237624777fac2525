import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { SlowSubscriberError, SubgraphError } from '../errors.ts'
import type { SubgraphRequest, SubgraphResult } from '../subgraph.ts'
import { asResult } from './graphql-response.ts'
import { createBoundedQueue } from './bounded-queue.ts'

export interface WsOptions {
  readonly name: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** To connect, and for the answer to a ping. */
  readonly timeoutMs: number
  readonly maxMessageBytes: number
}

/** At a thousand events a second, a client may fall a second behind. */
const MAX_WAITING = 1000
const PING_MS = 10_000

/**
 * A subscription at a subgraph (https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md), on a
 * connection of its own: each has its client's headers. A connection that is lost is not made again here: only the client
 * knows, from its cursor, where to go on.
 */
export async function* subscribeOver(
  { name, url, headers, timeoutMs, maxMessageBytes }: WsOptions,
  { operation, variables, request }: SubgraphRequest,
): AsyncGenerator<SubgraphResult> {
  const queue = createBoundedQueue<SubgraphResult>(
    MAX_WAITING,
    () => new SlowSubscriberError(name, MAX_WAITING),
  )
  const lost = (cause: unknown) => queue.end(new SubgraphError(name, 'SUBGRAPH_UNAVAILABLE', cause))
  let unanswered: NodeJS.Timeout | undefined
  class Socket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers, handshakeTimeout: timeoutMs, maxPayload: maxMessageBytes })
    }
  }
  const client = createClient({
    url,
    webSocketImpl: Socket,
    connectionParams: { ...headers },
    connectionAckWaitTimeout: timeoutMs,
    keepAlive: PING_MS,
    retryAttempts: 0,
    on: {
      // A peer that is gone without a word would otherwise be waited for as long as TCP lets it.
      ping(received) {
        if (!received) unanswered ??= setTimeout(() => client.terminate(), timeoutMs)
      },
      pong() {
        clearTimeout(unanswered)
        unanswered = undefined
      },
    },
  })
  const leave = () => queue.end()
  request.signal.addEventListener('abort', leave, { once: true })
  try {
    if (request.signal.aborted) return
    const { text: query, name: operationName } = operation
    client.subscribe(
      { query, variables: { ...variables }, ...(operationName !== undefined && { operationName }) },
      {
        next: (result) => receive(result),
        error: (cause) => (Array.isArray(cause) ? refused(cause) : lost(cause)),
        complete: () => queue.end(),
      },
    )
    yield* queue.items()
  } finally {
    clearTimeout(unanswered)
    request.signal.removeEventListener('abort', leave)
    await client.dispose()
  }

  function receive(result: unknown): void {
    try {
      queue.put(asResult(result))
    } catch (cause) {
      lost(cause)
    }
  }

  /** The subgraph has not taken the operation, and has said why. */
  function refused(errors: readonly unknown[]): void {
    receive({ errors })
    queue.end()
  }
}
