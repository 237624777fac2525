import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The resident memory of a process in MB (10^6 bytes), as the operating system counts it. */
export function residentMb(pid: number): number {
  return (residentKb(pid) * 1024) / 1e6
}

function residentKb(pid: number): number {
  if (process.platform === 'linux') {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
}

/** Samples a process's memory each `everyMs` until it is stopped. */
export function watchMemory(pid: number, everyMs: number) {
  const samples = [residentMb(pid)]
  const timer = setInterval(() => samples.push(residentMb(pid)), everyMs)
  return {
    /** The memory at this moment. */
    now: () => residentMb(pid),
    /** Ends it, and answers all samples. */
    stop(): number[] {
      clearInterval(timer)
      samples.push(residentMb(pid))
      return samples
    },
  }
}

/**
 * The most memory that this process has had, in MB. On Linux not the `maxRSS` of getrusage, which a process takes over
 * from the one that started it.
 */
export function ownPeakMb(): number {
  if (process.platform !== 'linux') return (process.resourceUsage().maxRSS * 1024) / 1e6
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024) / 1e6
}
