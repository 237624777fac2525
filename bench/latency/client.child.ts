import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { z } from 'zod'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { childOptions, serve } from '../support/child.ts'
import { percentile } from '../support/numbers.ts'
import { config, connectTo } from '../support/service-parts.ts'
import { requests } from '../support/traffic.ts'
import { LatencyRequest, type LatencyResult } from './protocol.ts'
import { createLagWatch } from './lag-watch.ts'

/** Sends commands at a fixed rate, however long they take, and watches for their rows; both by the same clock. */
const { url, database } = childOptions(z.object({ url: z.string(), database: z.string() }))
const nc = await connectTo(url)
const sender = createNatsSender({ nc, namespace: config.namespace, timeoutMs: config.commands.timeoutMs })
const postgres = new Client({ connectionString: database })
await postgres.connect()

async function measure({ run, rate, warmUpMs, durationMs }: LatencyRequest): Promise<LatencyResult> {
  const watch = createLagWatch(postgres)
  const source = requests('orders', run)
  const replies: number[] = []
  const versions = new Map<string, number>()
  const pending = new Set<Promise<void>>()
  let failed = 0
  const startedAt = performance.now()
  const countedFrom = startedAt + warmUpMs
  const end = countedFrom + durationMs

  const send = async (due: number) => {
    const request = source.next().value
    const reply = await sender.send(request)
    const answeredAt = performance.now()
    if (!reply.ok) {
      failed++
      return
    }
    versions.set(request.id, Math.max(versions.get(request.id) ?? 0, reply.version))
    if (due < countedFrom) return
    replies.push(answeredAt - due)
    watch.expect(reply.position.sequence, answeredAt)
  }

  for (let sent = 0, now = startedAt; now < end; now = performance.now()) {
    // All that is due by now, each with the moment that it was due: a stall of the client is no excuse.
    for (; startedAt + (sent * 1000) / rate <= now; sent++) {
      const sending = send(startedAt + (sent * 1000) / rate).catch(() => void failed++)
      pending.add(sending)
      void sending.finally(() => pending.delete(sending))
    }
    await delay(1)
  }
  await Promise.all(pending)
  const lags = await watch.finish()
  return {
    commands: replies.length,
    failed,
    unseen: lags.unseen,
    wrongRows: await wrongRows(versions),
    lagMs: percentiles(lags.values),
    replyMs: percentiles(replies),
  }
}

const percentiles = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
  max: percentile(values, 1),
})

/** Rows whose version is not that of the last reply: the checkpoint, which the watch goes by, must not lie. */
async function wrongRows(versions: ReadonlyMap<string, number>): Promise<number> {
  const { rows } = await postgres.query<{ id: string; version: string }>(
    'select id, version from tb_order_projection where id = any($1)',
    [[...versions.keys()]],
  )
  const found = new Map(rows.map(({ id, version }) => [id, Number(version)]))
  return [...versions].filter(([id, version]) => found.get(id) !== version).length
}

serve(
  (message) => measure(LatencyRequest.parse(message)),
  async () => {
    await postgres.end()
    await nc.close()
  },
)
