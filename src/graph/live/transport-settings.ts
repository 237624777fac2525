/** What live connections may take of a process. */
export interface LiveTransportSettings {
  /** How many there may be at a time, of each kind. */
  maxConnections: number
  /** How many operations one WebSocket may have under way. */
  maxOperations: number
  /** The largest message of a client, in bytes. */
  maxPayload: number
  /** How long a WebSocket client may take to introduce itself, in milliseconds. */
  initTimeoutMs: number
  /** How often it is asked whether it is there, and told that we are, in milliseconds. */
  keepAliveMs: number
  /** How much may wait to be sent to one that reads nothing and goes on asking, in bytes; then its connection ends. */
  maxUnsent: number
  /** How long a connection may take to end when the server does, in milliseconds. */
  closeTimeoutMs: number
}

export const STANDARD_TRANSPORT: LiveTransportSettings = {
  maxConnections: 10_000,
  maxOperations: 100,
  maxPayload: 100_000,
  initTimeoutMs: 3000,
  keepAliveMs: 12_000,
  maxUnsent: 1024 * 1024,
  closeTimeoutMs: 2000,
}
