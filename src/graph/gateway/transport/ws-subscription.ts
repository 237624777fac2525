import { SlowSubscriberError, SubgraphError } from '../errors.ts'
import type { SubgraphRequest, SubgraphResult } from '../subgraph.ts'
import { asResult } from './graphql-response.ts'
import { createBoundedQueue } from './bounded-queue.ts'
import { type WsClientOptions, openWsClient } from './ws-client.ts'

export interface WsOptions extends WsClientOptions {
  readonly name: string
}

/** At a thousand events a second, a client may fall a second behind. */
const MAX_WAITING = 1000

/**
 * A subscription at a subgraph (https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md), on a
 * connection of its own: each has its client's headers. A connection that is lost is not made again here: only the client
 * knows, from its cursor, where to go on.
 */
export async function* subscribeOver(
  options: WsOptions,
  { operation, variables, request }: SubgraphRequest,
): AsyncGenerator<SubgraphResult> {
  const { name } = options
  const queue = createBoundedQueue<SubgraphResult>(
    MAX_WAITING,
    () => new SlowSubscriberError(name, MAX_WAITING),
  )
  const lost = (cause: unknown) => queue.end(new SubgraphError(name, 'SUBGRAPH_UNAVAILABLE', cause))
  const connection = openWsClient(options)
  const leave = () => queue.end()
  request.signal.addEventListener('abort', leave, { once: true })
  try {
    if (request.signal.aborted) return
    const { text: query, name: operationName } = operation
    connection.client.subscribe(
      { query, variables: { ...variables }, ...(operationName !== undefined && { operationName }) },
      {
        next: (result) => receive(result),
        error: (cause) => (Array.isArray(cause) ? refused(cause) : lost(cause)),
        complete: () => queue.end(),
      },
    )
    yield* queue.items()
  } finally {
    request.signal.removeEventListener('abort', leave)
    await connection.close()
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
