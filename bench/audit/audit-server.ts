import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../src/runtime/embedded/ports.ts'

const START_MS = 60_000

/** Starts the audit's server: the subgraphs, supergraphs and tests of all suites. */
export async function startAudit(folder: string) {
  const port = await freePort('127.0.0.1')
  const origin = `http://localhost:${port}`
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'serve', '--port', String(port)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  const ask = async (path: string) => {
    const response = await fetch(`${origin}/${path}`)
    if (!response.ok) throw new Error(`The audit answers ${path} with ${response.status}`)
    return response
  }

  for (const deadline = Date.now() + START_MS; ; await delay(100)) {
    if (await ask('ids').catch(() => undefined)) break
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill()
      throw new Error(`The audit in ${folder} does not start; has npm install been run there?`)
    }
  }
  return {
    json: async (path: string): Promise<unknown> => await (await ask(path)).json(),
    text: async (path: string) => await (await ask(path)).text(),
    async stop() {
      child.kill()
      await ended
    },
  }
}
