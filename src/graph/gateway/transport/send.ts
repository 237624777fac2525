import type { Dispatcher } from 'undici'

export interface HttpResponse {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** A response that is larger than it may be. */
class ResponseTooLargeError extends Error {
  constructor(limit: number) {
    super(`a response of more than ${limit} bytes`)
  }
}

/** Nobody waits for it any more: its time is up, or the client is gone. */
export class RequestAbandonedError extends Error {}

export interface SendOptions {
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Sends a request and reads the response whole. It is done with undici's dispatch, not with its request: a stream that is
 * read to its end anyway costs as much as everything else here together.
 */
export function send(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  { maxBytes, timeoutMs, signal }: SendOptions,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    let contentType = ''
    let size = 0
    const chunks: Buffer[] = []
    const abandon = (reason: Error) => {
      settle(() => reject(reason))
      controller?.abort(reason)
    }
    const timer = setTimeout(
      () => abandon(new RequestAbandonedError(`no answer in ${timeoutMs} ms`)),
      timeoutMs,
    )
    const leave = () => abandon(new RequestAbandonedError('the client does not wait any more'))
    signal.addEventListener('abort', leave, { once: true })

    let isSettled = false
    function settle(outcome: () => void): void {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      outcome()
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(given) {
        controller = given
        // Given up while it was waiting for a connection.
        if (isSettled) given.abort(new RequestAbandonedError('it was given up before it was sent'))
      },
      onResponseStart(_, statusCode, headers) {
        status = statusCode
        contentType = String(headers['content-type'] ?? '')
      },
      onResponseData(_, chunk) {
        size += chunk.length
        if (size > maxBytes) abandon(new ResponseTooLargeError(maxBytes))
        else chunks.push(chunk)
      },
      onResponseEnd() {
        const [only] = chunks
        const whole = only && chunks.length === 1 ? only : Buffer.concat(chunks)
        settle(() => resolve({ status, contentType, body: whole.toString('utf8') }))
      },
      onResponseError(_, error) {
        settle(() => reject(error))
      },
    }
    try {
      dispatcher.dispatch(options, handler)
    } catch (error) {
      // A header that must not be sent, or a pool that has been closed.
      settle(() => reject(error))
    }
  })
}
