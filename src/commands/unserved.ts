import type { NatsConnection } from '@nats-io/nats-core'
import { Svcm } from '@nats-io/services'

/** How long the services of a namespace may take to say what they serve, in milliseconds. */
const PATIENCE_MS = 300
/** How long an answer counts: whoever sends commands for nothing must not cause a question each. */
const FRESH_MS = 2000

/**
 * Tells whether no service of this name serves an aggregate, by asking all of them (`$SRV.INFO`). Those who ask at the same
 * time share an answer.
 */
export function createUnserved(nc: NatsConnection, service: string): (aggregate: string) => Promise<boolean> {
  let last: { at: number; served: Promise<ReadonlySet<string>> } | undefined

  async function ask(): Promise<ReadonlySet<string>> {
    const client = new Svcm(nc).client({ strategy: 'timer', maxWait: PATIENCE_MS })
    const served = new Set<string>()
    for await (const { metadata } of await client.info(service)) {
      for (const aggregate of metadata?.['aggregates']?.split(',') ?? []) served.add(aggregate)
    }
    return served
  }

  return async (aggregate) => {
    if (!last || performance.now() - last.at > FRESH_MS) {
      last = { at: performance.now(), served: ask() }
      last.served.catch(() => (last = undefined))
    }
    return !(await last.served).has(aggregate)
  }
}
