import { ClientGoneError, StepTimeoutError } from './errors.ts'

/**
 * Runs work that has to be done in time, and for a client that may go away. Work that is not done then is told so by its
 * signal, and is not waited for. (cockatiel's time-outs cannot tell the two apart.)
 *
 * @param client undefined for work that goes on whoever waits for it
 * @throws StepTimeoutError when the time is up; ClientGoneError when the client is gone
 */
export function withDeadline<T>(
  timeoutMs: number,
  client: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController()
    const stop = (error: Error) => {
      settle()
      reject(error)
      controller.abort(error)
    }
    const gone = () => stop(new ClientGoneError())
    const timer = setTimeout(() => stop(new StepTimeoutError(`no answer in ${timeoutMs} ms`)), timeoutMs)
    const settle = () => {
      clearTimeout(timer)
      client?.removeEventListener('abort', gone)
    }
    if (client?.aborted) return gone()
    client?.addEventListener('abort', gone, { once: true })
    work(controller.signal).then(resolve, reject).finally(settle)
  })
}

/**
 * Runs work that keeps its time itself, for a client that may go away.
 * @throws ClientGoneError when the client is gone
 */
export async function forClient<T>(
  client: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (client.aborted) throw new ClientGoneError()
  try {
    return await work(client)
  } catch (error) {
    throw client.aborted ? new ClientGoneError() : error
  }
}
