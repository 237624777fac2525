import { readFileSync } from 'node:fs'

/** The kernel counts in ticks of 10 ms, whatever the machine: USER_HZ, proc_pid_stat(5). */
const TICK_MS = 10

/**
 * The processor time of a process since its start, and of those that it has started and that have ended, in milliseconds;
 * undefined where the system does not say it so.
 */
function cpuMs(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold spaces; utime, stime, cutime and cstime are the 12th to 15th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS
}

/** The same, with those that it has started and that still run: of a PostgreSQL with its backends. */
export function familyCpuMs(pid: number): number | undefined {
  const own = cpuMs(pid)
  if (own === undefined) return undefined
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return children.reduce((sum, child) => sum + (familyCpuMs(Number(child)) ?? 0), own)
}
