import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { z } from 'zod'
import { type Child, startChild } from '../support/child.ts'
import { familyCpuMs } from '../support/cpu.ts'
import { LoadResult } from '../support/load.ts'
import { residentMb } from '../support/memory.ts'
import { profiling } from '../support/profiling.ts'
import { progress } from '../support/progress.ts'
import { serviceFlags } from '../support/service-flags.ts'
import type { Bench } from '../support/stack.ts'
import { COMMITS_PER_ORDER } from './order-log.ts'
import type { Load, OrderLog } from './protocol.ts'

/** Processor time, in milliseconds; undefined where the system does not tell. */
export type CpuMs = Record<'service' | 'nats' | 'postgres' | 'client', number | undefined>

export interface Measured {
  load: LoadResult
  cpuPerRequest: CpuMs
}

/** A service on a log of orders, its rows and the copies of its commits up to date, and a client for it. */
export interface Stand {
  /** Runs a load for a time, after a warm-up that is not counted. */
  measure(load: Load, times: { warmUpMs: number; durationMs: number }): Promise<Measured>
  memoryMb(): { service: number; nats: number }
}

/** How long both may take to come to the end of the log. */
const PATIENCE_MS = 600_000

export async function openStand(bench: Bench, log: OrderLog): Promise<Stand> {
  const nats = await bench.nats()
  const postgres = await bench.postgres()
  const open = async (module: string, options: object, flags: string[] = []): Promise<Child> =>
    bench.closing(await startChild(new URL(module, import.meta.url), options, flags))

  const events = log.orders * COMMITS_PER_ORDER
  progress(`writing ${events.toLocaleString('en')} events`)
  const writer = await open('writer.child.ts', { url: nats.url })
  const { seconds } = z.object({ seconds: z.number() }).parse(await writer.call(log))
  await writer.stop()

  progress(`wrote ${Math.round(events / seconds).toLocaleString('en')} events a second; projecting them`)
  const servers = { url: nats.url, database: postgres.url, dataDir: await bench.folder() }
  const service = await open('service.child.ts', servers, [...serviceFlags(), ...profiling()])
  await projected(postgres.url, events)
  const graph = z.string().parse(await service.call('graph'))
  const client = await open('client.child.ts', { graph, orders: log.orders })

  const cpu = (): CpuMs => ({
    service: familyCpuMs(service.pid),
    nats: familyCpuMs(nats.pid),
    postgres: familyCpuMs(postgres.pid),
    client: familyCpuMs(client.pid),
  })

  return {
    async measure(load, { warmUpMs, durationMs }) {
      await client.call({ load, durationMs: warmUpMs })
      const before = cpu()
      const result = LoadResult.parse(await client.call({ load, durationMs }))
      return { load: result, cpuPerRequest: perRequest(before, cpu(), result) }
    },
    memoryMb: () => ({ service: residentMb(service.pid), nats: residentMb(nats.pid) }),
  }
}

function perRequest(before: CpuMs, after: CpuMs, { count, failed }: LoadResult): CpuMs {
  const share = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? undefined : (to - from) / (count + failed)
  return {
    service: share(before.service, after.service),
    nats: share(before.nats, after.nats),
    postgres: share(before.postgres, after.postgres),
    client: share(before.client, after.client),
  }
}

/** Waits until the rows of the orders, and the copies of their commits, are those of the whole log. */
async function projected(url: string, events: number): Promise<void> {
  const postgres = new Client({ connectionString: url })
  await postgres.connect()
  try {
    const deadline = Date.now() + PATIENCE_MS
    for (let done = 0; done < events; await delay(100)) {
      const { rows } = await postgres.query<{ sequence: string }>(
        `select least(
           (select sequence from tb_projection_checkpoint where projection = 'order'),
           (select sequence from tb_copied_stream where stream = 'ORDERS')) as sequence`,
      )
      done = Number(rows[0]?.sequence ?? 0)
      progress(`projected ${done.toLocaleString('en')} of ${events.toLocaleString('en')} events`)
      if (Date.now() > deadline)
        throw new Error(`The rows or the copies have only come to ${done} of ${events}`)
    }
    // What a table looks like that was written a while ago: its statistics are there, and nobody vacuums it meanwhile.
    await postgres.query('vacuum analyze tb_order_projection, tb_commit_copy')
    await postgres.query('checkpoint')
  } finally {
    await postgres.end()
  }
}
