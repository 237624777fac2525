import { headersOf } from '../events/message-headers.ts'
import { type Msg, type MsgHdrs, type NatsConnection, createInbox } from '@nats-io/nats-core'

/** Asks over NATS and waits for one answer. */
export interface Requester {
  /**
   * The answer; undefined when none came in time, nobody listens, or the connection was lost: what became of the message
   * is then unknown. Never rejects.
   */
  request(
    subject: string,
    payload: string,
    head: MsgHdrs | undefined,
    timeoutMs: number,
  ): Promise<Msg | undefined>
}

interface Waiting {
  deadline: number
  resolve(answer: Msg | undefined): void
}

/** How exact a time-out is. */
const SWEEP_MS = 50

/**
 * A requester for where every microsecond counts: sending commands, publishing commits and reading histories. The client library's own `request`
 * makes an Error with its stack, a timer and a race of two promises for each message, also for one that is answered; in
 * a profile of the command path that was a tenth of the time, and more in garbage. Here one timer serves all.
 */
export function createRequester(nc: NatsConnection): Requester {
  const inbox = createInbox()
  const waiting = new Map<string, Waiting>()
  let next = 0
  let sweeper: NodeJS.Timeout | undefined

  nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) return
      const nobodyListens = message.data.length === 0 && headersOf(message)?.code === 503
      settle(message.subject.slice(inbox.length + 1), nobodyListens ? undefined : message)
    },
  })
  void giveUpWhenDisconnected()

  function settle(token: string, answer: Msg | undefined): void {
    const one = waiting.get(token)
    waiting.delete(token)
    one?.resolve(answer)
  }

  function sweep(): void {
    const now = Date.now()
    for (const [token, { deadline }] of waiting) if (deadline <= now) settle(token, undefined)
    if (waiting.size > 0) return
    clearInterval(sweeper)
    sweeper = undefined
  }

  /**
   * What was asked on a connection that is gone is not answered any more. What is asked while there is none is sent with the next
   * one, unless that fails: each attempt to connect begins with throwing away what waits to be sent.
   */
  async function giveUpWhenDisconnected(): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type !== 'disconnect' && type !== 'reconnecting') continue
      for (const token of waiting.keys()) settle(token, undefined)
    }
  }

  return {
    request(subject, payload, head, timeoutMs) {
      return new Promise((resolve) => {
        const token = (next++).toString(36)
        waiting.set(token, { deadline: Date.now() + timeoutMs, resolve })
        // After a stall of our own, timers run before sockets are read, and the answers may lie there already.
        sweeper ??= setInterval(() => setImmediate(sweep), SWEEP_MS)
        try {
          nc.publish(subject, payload, { reply: `${inbox}.${token}`, ...(head && { headers: head }) })
        } catch {
          // The connection is closed or draining.
          settle(token, undefined)
        }
      })
    },
  }
}
