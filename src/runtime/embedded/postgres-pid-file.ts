import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isServerOf, processExists, stopOrphan } from './orphan.ts'
import type { StopStep } from './server-process.ts'
import type { Logger } from '../../streams/logger.ts'

/** What `postmaster.pid` says; PostgreSQL's miscadmin.h lists its lines. */
export interface PostmasterState {
  pid: number
  /** Takes connections. */
  ready: boolean
}

export async function readPostmaster(cluster: string): Promise<PostmasterState | undefined> {
  const text = await readFile(fileIn(cluster), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number.parseInt(lines[0] ?? '', 10)
  return pid > 1 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined
}

/**
 * Deals with what an earlier run left: a server that still runs is stopped, and a pid that by now is another process's is
 * taken out of the pid file, since PostgreSQL would take that process for its server and not start.
 */
export async function stopLeftOver(cluster: string, steps: StopStep[], logger: Logger): Promise<void> {
  const postmaster = await readPostmaster(cluster)
  if (postmaster === undefined) return
  const { pid } = postmaster
  const suspect = { pid, program: 'postgres', folder: cluster }
  if (await stopOrphan(suspect, steps))
    logger.warn({ serverPid: pid }, 'stopped a PostgreSQL that its owner had left running')
  if (processExists(pid) && !(await isServerOf(suspect))) await forgetPid(cluster)
}

/**
 * Replaces the pid by one that no process can have. The file itself stays: its shared memory id is how PostgreSQL finds
 * server processes that outlived their postmaster, which must end before another server may write.
 */
async function forgetPid(cluster: string): Promise<void> {
  const file = fileIn(cluster)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const { mode } = await stat(file)
  await writeFile(file, text.replace(/^\d+/, '2147483646'), { mode })
}

function fileIn(cluster: string): string {
  return join(cluster, 'postmaster.pid')
}
