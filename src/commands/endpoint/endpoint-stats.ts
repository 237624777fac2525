import type { Actors } from '../actors.ts'
import type { CommandReply } from '../command.ts'

/** What `nats micro stats` shows under `data`: the service library's own numbers stop when a handler returns, before the answer. */
export function createEndpointStats(actors: Actors) {
  let accepted = 0
  let duplicates = 0
  let totalMs = 0
  const refused: Record<string, number> = {}
  return {
    count(reply: CommandReply, ms: number): void {
      totalMs += ms
      if (!reply.ok) refused[reply.code] = (refused[reply.code] ?? 0) + 1
      else if (reply.duplicate) duplicates++
      else accepted++
    },
    read() {
      const answered = accepted + duplicates + Object.values(refused).reduce((sum, count) => sum + count, 0)
      return {
        accepted,
        duplicates,
        /** By code: the codes of the domains and of the endpoint itself, a closed list. */
        refused,
        averageMs: answered === 0 ? 0 : Number((totalMs / answered).toFixed(3)),
        inFlight: actors.inFlight,
        residentAggregates: actors.resident,
      }
    },
  }
}
