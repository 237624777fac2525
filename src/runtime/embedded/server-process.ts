import { spawn } from 'node:child_process'
import { within } from '../../streams/waiting/within.ts'
import type { Command } from './run-command.ts'
import type { ServerExit } from './server.ts'
import type { ServerLog } from './server-log.ts'

/** A signal and how long to wait after it before the next, stronger one. */
export interface StopStep {
  signal: NodeJS.Signals
  patienceMs: number
}

export interface ServerProcess {
  pid: number
  exited: Promise<ServerExit>
  /** How it ended, once it has. */
  exit(): ServerExit | undefined
  stop(): Promise<void>
}

/**
 * Spawns a server. It leads a session of its own (`detached`), so that a Ctrl-C in the terminal reaches only this
 * process, which then stops its servers in the right order. It does not keep this process's event loop alive.
 */
export function spawnServer(command: Command, log: ServerLog, steps: StopStep[]): Promise<ServerProcess> {
  const { file, args, ...options } = command
  const child = spawn(file, args, { ...options, stdio: ['ignore', log.fd, log.fd], detached: true })
  child.unref()
  return new Promise((resolve, reject) => {
    let ended: ServerExit | undefined
    let stopping: Promise<void> | undefined
    const exited = new Promise<ServerExit>((settle) => {
      child.once('exit', (code, signal) => {
        ended = { code, signal, expected: stopping !== undefined }
        settle(ended)
      })
    })
    child.once('error', reject)
    child.once('spawn', () => {
      const { pid } = child
      if (pid === undefined) return reject(new Error(`${file} has no process id`))
      const stop = async (): Promise<void> => {
        // A stop that is awaited must be seen to its end even where nothing else keeps this process running.
        child.ref()
        for (const { signal, patienceMs } of steps) {
          if (ended !== undefined) return
          child.kill(signal)
          await within(patienceMs, exited)
        }
        await exited
      }
      resolve({ pid, exited, exit: () => ended, stop: () => (stopping ??= stop()) })
    })
  })
}
