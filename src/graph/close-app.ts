import type { FastifyInstance } from 'fastify'

/** Longer than any answer is worth waiting for when a process is told to end. */
const GRACE_MS = 10_000

/**
 * Takes no new requests and answers those under way. A connection on which nothing was ever asked (browsers open some ahead) counts as
 * none of these for Node, and would hold the process for more than a minute: what is left after the grace is cut.
 */
export async function closeApp(app: FastifyInstance, graceMs = GRACE_MS): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs)
  try {
    await app.close()
  } finally {
    clearTimeout(timer)
  }
}
