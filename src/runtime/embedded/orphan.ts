import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { EmbeddedServerError, failedWith } from './errors.ts'
import { until } from './poll.ts'
import { PROBE_MS, runCommand } from './run-command.ts'
import type { StopStep } from './server-process.ts'

/** A process that a pid file names, and what it must be to be the one that was left behind. */
export interface Suspect {
  pid: number
  /** The base name of its program. */
  program: string
  /** The folder that it works in, and that is among its arguments. */
  folder: string
}

/**
 * Stops a server that outlived the process that had started it (`kill -9`), and says whether there was one. It is
 * stopped rather than adopted: the new one then always has this version's settings, and is a child whose exit is seen.
 *
 * Only a process that is proven to be that server gets a signal: pids are reused, so a pid file proves nothing.
 */
export async function stopOrphan(suspect: Suspect, steps: StopStep[]): Promise<boolean> {
  if (!(await isServerOf(suspect))) return false
  for (const { signal, patienceMs } of steps) {
    try {
      process.kill(suspect.pid, signal)
    } catch {
      // Gone in the meantime, or another user's: the look below tells which.
    }
    const gone = await until(async () => !(await isServerOf(suspect)), { timeoutMs: patienceMs })
    if (gone) return true
  }
  throw new EmbeddedServerError(
    'DATA_FOLDER_IN_USE',
    `The ${suspect.program} process ${suspect.pid} was left running on ${suspect.folder} and cannot be stopped from ` +
      `here. Stop it as the user who started it, then start again.`,
  )
}

/**
 * Whether the process is the server of this folder: by its program's name and its working folder, which the kernel
 * follows when the folder is moved and which a copy of the folder does not share. Where the working folder is not ours
 * to see (another user's process, without CAP_SYS_PTRACE) or there is no /proc, the folder must be among the arguments.
 */
export async function isServerOf({ pid, program, folder }: Suspect): Promise<boolean> {
  const running = await look(pid)
  if (running === undefined || basename(running.program) !== program) return false
  try {
    const [works, wanted] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(folder)])
    return works.dev === wanted.dev && works.ino === wanted.ino
  } catch {
    return running.names(folder)
  }
}

/** Whether any process has this id. One of another user counts; a finished one that nobody collected counts too. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return failedWith(error, 'EPERM')
  }
}

/** Whether a process runs a program: a finished one that nobody collected, which still has its id, does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return pid > 0 && (await look(pid)) !== undefined
}

interface Running {
  program: string
  names(folder: string): boolean
}

/** What a process runs; `undefined` where there is none (a finished one that nobody collected runs nothing). */
async function look(pid: number): Promise<Running | undefined> {
  if (process.platform === 'linux') {
    const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split(
      '\0',
    )
    return program === '' ? undefined : { program, names: (folder) => args.includes(folder) }
  }
  const column = async (name: string): Promise<string> => {
    const listed = await runCommand(
      { file: 'ps', args: ['-ww', '-o', `${name}=`, '-p', String(pid)] },
      PROBE_MS,
    )
    return listed.ok ? listed.stdout.trim() : ''
  }
  const [program, line] = await Promise.all([column('comm'), column('command')])
  return program === '' ? undefined : { program, names: (folder) => `${line} `.includes(` ${folder} `) }
}
