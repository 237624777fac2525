import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HeadwaterError } from '../../streams/errors.ts'

/**
 * A browser lets any page open a WebSocket to any server, and sends the user's cookies along; all it does is to say in `Origin` whose
 * page it is. Only the server's own pages may. Other programs send none.
 */
export function isSameOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** Answers a request to upgrade with a status, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number, error?: HeadwaterError): void {
  const body = error
    ? JSON.stringify({ errors: [{ message: error.message, extensions: { code: error.code, status } }] })
    : ''
  // The client may be gone already, which then is nobody's failure.
  socket.on('error', () => socket.destroy())
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(error?.retryAfterMs === undefined ? [] : [`Retry-After: ${Math.ceil(error.retryAfterMs / 1000)}`]),
      '',
      body,
    ].join('\r\n'),
  )
}
