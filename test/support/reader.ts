import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, cli, startChild } from './child.ts'
import { cleanEnv } from './clean-env.ts'

/** Who types into a shell what a page says. */
export interface Reader {
  /** With `npx` as it is where the package is installed: the command, and the Node that it needs. */
  env(extra?: Record<string, string>): Record<string, string>
  /** The lines of a block one after another, as a reader pastes them, up to the first that fails; what they have printed. */
  run(
    text: string,
    service: { folder: string; graph: string },
  ): Promise<{ code: number | null; stdout: string; stderr: string }>
  /** The same for what goes on until it is stopped. */
  listen(text: string, service: { folder: string; graph: string }): Child
  /** Starts a program, which `stop` ends. */
  start(command: string, args: string[], options: { cwd: string; env: Record<string, string> }): Child
  /** Ends all that goes on. */
  stop(): Promise<void>
}

const NPX = `#!/bin/sh
tool=$1; shift
case $tool in
  headwater) exec ${process.execPath} ${cli} "$@" ;;
  node) exec ${process.execPath} "$@" ;;
  *) echo "npx $tool is not known here" >&2; exit 1 ;;
esac
`

export function createReader(): Reader {
  const tools = mkdtempSync(join(tmpdir(), 'headwater-reader-'))
  writeFileSync(join(tools, 'npx'), NPX, { mode: 0o755 })
  const running: Child[] = []
  const env = (extra: Record<string, string> = {}) => {
    // On a loaded machine an answer may take longer than the five seconds that a command waits for it.
    const clean = cleanEnv({ HEADWATER_COMMANDS_TIMEOUT_MS: '50000', ...extra })
    return { ...clean, PATH: `${tools}:${clean['PATH']}` }
  }
  // Pages name the port that a service takes when nobody has it.
  const scriptOf = (text: string, graph: string) =>
    text.replaceAll('http://127.0.0.1:4000', new URL(graph).origin)

  const reader: Reader = {
    env,
    run: (text, { folder, graph }) =>
      new Promise((resolve) => {
        const options = { cwd: folder, env: env() }
        const child = execFile(
          'bash',
          ['-c', `set -e\n${scriptOf(text, graph)}`],
          options,
          (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
        )
      }),
    listen: (text, { folder, graph }) =>
      reader.start('bash', ['-c', scriptOf(text, graph)], { cwd: folder, env: env() }),
    start(command, args, options) {
      const child = startChild(command, args, options)
      running.push(child)
      return child
    },
    async stop() {
      for (const { process: child, exited } of running) {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
        await exited
      }
      rmSync(tools, { recursive: true, force: true })
    },
  }
  return reader
}
