import { type NatsConnection, createInbox } from '@nats-io/nats-core'
import { LogUnavailableError } from '../log-errors.ts'
import { headersOf } from '../events/message-headers.ts'
import { type StoredMessage, fromDirect } from '../events/stored-message.ts'

export interface DirectBatch {
  stream: string
  subject: string
  /** The first sequence to look at. */
  from: number
  /** At most this many messages; the server may stop earlier. */
  limit: number
}

const SILENCE_MS = 2000

/**
 * Messages of one subject in stream order, by one request (`DIRECT.GET` with `batch`, nats-server ≥ 2.11): the fastest
 * way to many messages of one aggregate that stand close together.
 *
 * The client library's own `getBatch` never ends when a connection is lost in the middle of an answer; this fails after
 * two seconds of silence.
 *
 * @returns the messages, and whether the subject has more after them; none from one on whose headers cannot be read
 */
export function directBatch(
  nc: NatsConnection,
  { stream, subject, from, limit }: DirectBatch,
): Promise<{ messages: StoredMessage[]; more: boolean }> {
  return new Promise((resolve, reject) => {
    const messages: StoredMessage[] = []
    let more = false
    const subscription = nc.subscribe(createInbox(), {
      callback: (error, message) => {
        if (error) return fail(error)
        timer.refresh()
        const headers = headersOf(message)
        // Where it stands is in them as well: the leader is asked for it, and what follows, one by one.
        if (headers === null) return finish(false)
        const { data } = message
        if (headers && headers.code !== 0) {
          // 204 ends the batch, 404 says that there is nothing (more); 503 that nobody listens.
          if (headers.code === 204 || headers.code === 404) return finish(more)
          return fail(new Error(`${headers.code} ${headers.description}`))
        }
        const header = (name: string) => (headers?.has(name) ? headers.get(name) : undefined)
        // Each names the one before it. When the connection was lost in the middle of an answer, the end of it can still
        // arrive over the next connection.
        const previous = Number(header('Nats-Last-Sequence') ?? 0)
        if (previous !== (messages.at(-1)?.sequence ?? 0)) {
          return fail(
            new Error(
              `a message between ${messages.at(-1)?.sequence ?? from} and ${header('Nats-Sequence')} is missing`,
            ),
          )
        }
        more = Number(header('Nats-Num-Pending') ?? 0) > 0
        messages.push(fromDirect(headers, data))
      },
    })
    // Behind the subscription, which a closed connection refuses: there would be nothing to end when the time is up.
    const timer = setTimeout(giveUp, SILENCE_MS)
    nc.publish(
      `$JS.API.DIRECT.GET.${stream}`,
      JSON.stringify({ seq: from, next_by_subj: subject, batch: limit }),
      { reply: subscription.getSubject() },
    )

    function end(): void {
      clearTimeout(timer)
      subscription.unsubscribe()
    }
    function finish(hasMore: boolean): void {
      end()
      resolve({ messages, more: hasMore })
    }
    function fail(cause: unknown): void {
      end()
      reject(new LogUnavailableError('refused', 'The log did not answer a read', cause))
    }
    function giveUp(): void {
      fail(new Error(`silence for ${SILENCE_MS} ms`))
    }
  })
}
