import { z } from 'zod'
import { startChild } from '../support/child.ts'
import { watchMemory } from '../support/memory.ts'
import type { Bench } from '../support/stack.ts'
import { serviceFlags } from '../support/service-flags.ts'
import { runOn } from './run.ts'

export const MEMORY_LIMIT_MB = 300

export interface MemoryOptions {
  creates: number
}

/** The service's memory while each command creates an aggregate of its own. */
export async function measureMemory(bench: Bench, { creates }: MemoryOptions) {
  const { url, pid: natsPid } = await bench.nats()
  const service = bench.closing(
    await startChild(new URL('service.child.ts', import.meta.url), { url }, serviceFlags()),
  )
  const client = bench.closing(await startChild(new URL('client.child.ts', import.meta.url), { url }))
  const watch = watchMemory(service.pid, 1000)
  const server = watchMemory(natsPid, 1000)
  const part = creates / 10
  const rates: number[] = []
  let failed = 0
  // The first tenth by itself: from there on the memory is to stay as it is.
  let afterFirstTenthMb = 0
  for (let at = 0; at < 10; at++) {
    const shape = { inFlight: 256, warmUpMs: 0, count: part }
    const load = await runOn(client, { way: 'commands', traffic: 'creates', run: `m${at}`, shape })
    rates.push(load.rate)
    failed += load.failed
    if (at === 0) afterFirstTenthMb = watch.now()
  }
  const resident = z.int().parse(await service.call('resident'))
  const samples = watch.stop()
  const serverSamples = server.stop()
  await client.stop()
  await service.stop()
  const endMb = samples.at(-1) ?? Number.NaN
  return {
    creates,
    failed,
    startMb: samples[0] ?? Number.NaN,
    peakMb: Math.max(...samples),
    endMb,
    afterFirstTenthMb,
    growthMb: endMb - afterFirstTenthMb,
    residentAggregates: resident,
    ratesByTenth: rates,
    samplesMb: samples,
    natsServerPeakMb: Math.max(...serverSamples),
  }
}
