import { z } from 'zod'
import { startChild } from '../support/child.ts'
import { progress } from '../support/progress.ts'
import type { Bench } from '../support/stack.ts'
import type { LogPlan } from './shape.ts'

/** Writes a log, once for all that read it; in a process of its own, so that this one stays small. */
export async function writeLog(bench: Bench, url: string, plan: LogPlan): Promise<void> {
  progress(`writing ${plan.events.toLocaleString('en')} events, ${plan.shape}`)
  const writer = bench.closing(await startChild(new URL('writer.child.ts', import.meta.url), { url }))
  const { seconds } = z.object({ seconds: z.number() }).parse(await writer.call(plan))
  progress(`wrote ${Math.round(plan.events / seconds).toLocaleString('en')} events a second`)
  await writer.stop()
}
