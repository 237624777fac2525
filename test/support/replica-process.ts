import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** A replica in a process of its own, to be killed, paused and stopped. */
export interface ReplicaProcess {
  signal(name: NodeJS.Signals): void
  /** Resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>
}

/**
 * Starts a fixture; resolves when it has printed something: then it serves. It goes with the test, however that ends.
 * @param fixture a source file, beside the test: `new URL('kill.fixture.ts', import.meta.url)`
 */
export async function startReplicaProcess(fixture: URL, ...args: string[]): Promise<ReplicaProcess> {
  const child = spawn(process.execPath, [fixture.pathname, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = exited.then(([code]) => {
    throw new Error(`${fixture.pathname} ended with ${code} before it served`)
  })
  await Promise.race([once(child.stdout, 'data'), ended])
  return {
    signal: (name) => void child.kill(name),
    async end(name = 'SIGKILL') {
      child.kill(name)
      await exited
    },
  }
}
