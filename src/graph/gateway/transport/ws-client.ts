import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

export interface WsClientOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** To connect, and for the answer to a ping. */
  readonly timeoutMs: number
  readonly maxMessageBytes: number
}

const PING_MS = 10_000

export interface WsClient {
  readonly client: Client
  close(): Promise<void>
}

/** A client with one connection, made with the first subscription, and not again when it is lost. */
export function openWsClient({ url, headers, timeoutMs, maxMessageBytes }: WsClientOptions): WsClient {
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
  return {
    client,
    async close() {
      clearTimeout(unanswered)
      await client.dispose()
    },
  }
}
