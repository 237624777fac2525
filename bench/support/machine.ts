import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { z } from 'zod'

/** What the numbers were measured on: without it they mean nothing. */
export const Machine = z.object({
  cpu: z.string(),
  /** Cores of the machine, and those that this process and all that it starts may use. */
  cores: z.int(),
  usable: z.int(),
  memoryGb: z.number(),
  node: z.string(),
  platform: z.string(),
  /** Load over the last minute before the start: what others did on the machine. */
  loadBefore: z.number(),
})
export type Machine = z.output<typeof Machine>

export function describeMachine(): Machine {
  const [first] = cpus()
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    usable: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    loadBefore: loadavg()[0] ?? 0,
  }
}

/**
 * Keeps this process, and all that it starts from now on, on two cores: client, service and server share them, as they
 * do on the machine that the goals were set on. Linux only; elsewhere, and on two cores anyway, nothing is changed.
 */
export function shareTwoCores(): void {
  if (process.platform !== 'linux' || availableParallelism() <= 2) return
  try {
    execFileSync('taskset', ['-a', '-p', '-c', '0,1', String(process.pid)], { stdio: 'ignore' })
  } catch {
    console.error('taskset is not here: all cores are used, and ratios are not those of two shared cores')
  }
}
