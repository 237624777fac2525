import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'

/** What a consumer delivers, to be read once. */
export interface Delivered {
  /** The messages; none for who comes after the end. */
  read(): AsyncIterable<JsMsg>
  /** Ends them, whether or not anybody reads. */
  close(): Promise<void>
}

/**
 * The client library hands the end of the messages over as one of them: where nobody reads, its own `close` never resolves. That
 * happens to who is stopped while he opens.
 */
export function delivered(messages: ConsumerMessages): Delivered {
  let isRead = false
  return {
    read() {
      if (isRead) return nothing()
      isRead = true
      return messages
    },
    async close() {
      const closed = messages.close()
      if (!isRead) {
        isRead = true
        await discard(messages)
      }
      await closed
    },
  }
}

async function* nothing(): AsyncGenerator<never> {}

async function discard(messages: ConsumerMessages): Promise<void> {
  const iterator = messages[Symbol.asyncIterator]()
  while ((await iterator.next()).done !== true);
}
