import type { MsgHdrs } from '@nats-io/nats-core'

/**
 * The headers of a message. A NATS server passes on, and stores, whatever bytes a client sends for them; the client library reads
 * them when they are asked for, and throws where a name or a value is not one. Out of a subscription's callback that would end
 * the connection.
 *
 * @returns undefined when it has none, null when they cannot be read
 */
export function headersOf(message: { readonly headers?: MsgHdrs | undefined }): MsgHdrs | undefined | null {
  try {
    return message.headers
  } catch {
    return null
  }
}
