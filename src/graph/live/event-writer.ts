import type { FastifyReply } from 'fastify'
import { once } from 'node:events'
import type { FormattedExecutionResult } from 'graphql/index.js'

/** Writes the results of one operation as server-sent events. */
export interface EventWriter {
  /** Resolves when the client may be sent more; at once when it is gone. */
  next(result: FormattedExecutionResult): Promise<void>
  /** Says that this was all, and ends the response. */
  complete(): void
  /** The same, and ends the connection too; by force when the client has not read what it was sent in time. */
  shutDown(timeoutMs: number): Promise<void>
  /** Calls it once the response has ended, whoever ended it. */
  onEnd(listener: () => void): void
}

/**
 * Takes the response out of Fastify's hands and begins it. A comment every so often shows proxies, and us, that somebody is there.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function openEventWriter(reply: FastifyReply, keepAliveMs: number): EventWriter {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // Nginx would otherwise keep events back until its buffer is full.
    'x-accel-buffering': 'no',
    vary: 'accept',
  })
  raw.write(':\n\n')
  const alive = setInterval(() => {
    // One that does not read what it has is not sent comments on top of it.
    if (!raw.writableNeedDrain) raw.write(':\n\n')
  }, keepAliveMs)
  const ended = new AbortController()
  raw.once('close', () => {
    clearInterval(alive)
    ended.abort()
  })

  function complete(): void {
    clearInterval(alive)
    if (!raw.writableEnded) raw.end('event: complete\ndata: \n\n')
  }

  return {
    async next(result) {
      if (raw.writableEnded || ended.signal.aborted) return
      if (raw.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`)) return
      await once(raw, 'drain', { signal: ended.signal }).catch(() => undefined)
    },
    complete,
    async shutDown(timeoutMs) {
      const { socket } = raw
      const tooLate = setTimeout(() => socket?.destroy(), timeoutMs)
      complete()
      if (!raw.closed) await once(raw, 'close')
      clearTimeout(tooLate)
      // Kept alive, it would keep the server from closing.
      socket?.end()
    },
    onEnd(listener) {
      if (ended.signal.aborted) listener()
      else ended.signal.addEventListener('abort', listener)
    },
  }
}
