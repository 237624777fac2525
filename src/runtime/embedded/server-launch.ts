import { EmbeddedServerError, reason } from './errors.ts'
import type { EmbeddedErrorCode } from './errors.ts'
import { until } from './poll.ts'
import { PortTakenError } from './ports.ts'
import type { Command } from './run-command.ts'
import { openServerLog } from './server-log.ts'
import { spawnServer } from './server-process.ts'
import type { ServerProcess, StopStep } from './server-process.ts'

export interface Launch {
  what: string
  /** Of the error when it does not start. */
  code: EmbeddedErrorCode
  command: Command
  logFile: string
  stopSteps: StopStep[]
  readyWithinMs: number
  isReady(server: ServerProcess): Promise<boolean>
  /** What the log says when the port is somebody else's. */
  portTaken: RegExp
}

/**
 * Spawns a server and waits until it is ready. One that is not within its time is stopped again; whatever the cause, the
 * error has the end of its log. Throws `PortTakenError` where another port would help.
 */
export async function launch(start: Launch): Promise<ServerProcess> {
  const { what, code, command, logFile, readyWithinMs } = start
  const log = await openServerLog(logFile)
  try {
    const server = await spawnServer(command, log, start.stopSteps).catch((error: unknown) => {
      throw new EmbeddedServerError(
        code,
        `${what} cannot be run from ${command.file}: ${reason(error)}.`,
        error,
      )
    })
    const outcome = await until(
      async () => (server.exit() === undefined ? (await start.isReady(server)) && 'ready' : 'ended'),
      { timeoutMs: readyWithinMs },
    )
    if (outcome === 'ready') return server
    await server.stop()
    const lines = await log.lastLines(20)
    if (outcome === 'ended' && start.portTaken.test(lines)) throw new PortTakenError(lines)
    const problem =
      outcome === 'ended' ? 'ended while starting' : `was not ready after ${readyWithinMs / 1000} s`
    throw new EmbeddedServerError(code, `${what} ${problem}. The end of ${logFile}:\n${lines}`)
  } finally {
    // The child has its own descriptor by now.
    await log.close()
  }
}
