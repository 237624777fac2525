import type { ServerResponse } from 'node:http'

/** Aborted when the client is gone before it has its answer, or when its time is up. */
export function abandonment(response: ServerResponse, timeoutMs: number): AbortSignal {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeoutMs)
  response.once('close', () => {
    clearTimeout(timer)
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}
