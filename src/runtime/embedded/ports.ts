import { createServer } from 'node:net'

/** A server could not listen because somebody else does: worth another port. */
export class PortTakenError extends Error {}

const attempts = 8

/**
 * Starts on the preferred port, or on a free one where it is taken or 0. Looking and binding are two steps, and another
 * process may come between them, so an attempt that ends in `PortTakenError` is made again on another port.
 */
export async function startOnFreePort<T>(
  host: string,
  preferred: number,
  start: (port: number) => Promise<T>,
): Promise<T> {
  let taken: unknown
  for (let attempt = 0; attempt < attempts; attempt++) {
    const wanted = attempt === 0 ? await listensOn(host, preferred) : undefined
    const port = wanted ?? (await freePort(host))
    try {
      return await start(port)
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error
      taken = error
    }
  }
  throw taken
}

/** A port that was free a moment ago. */
export async function freePort(host: string): Promise<number> {
  const port = await listensOn(host, 0)
  if (port === undefined) throw new Error(`no free port on ${host}`)
  return port
}

/** The port that a short-lived listener got, `undefined` where it could not have one. */
export function listensOn(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const listener = createServer()
    listener.once('error', () => resolve(undefined))
    listener.listen({ host, port, exclusive: true }, () => {
      const address = listener.address()
      listener.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : undefined),
      )
    })
  })
}
