import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/**
 * How long a command may take that is waited for without giving way, in milliseconds: a test's own time cannot end it, and an npm
 * that reaches no registry tries for an hour.
 */
export const RUN_LIMIT_MS = 540_000

/** A child process whose output is kept. */
export interface Child {
  process: ChildProcess
  /** Everything it has printed so far. */
  output(): string
  /** Resolves when the output matches; rejects with the output when the process ends or the time is up first. */
  printed(pattern: RegExp, ms?: number): Promise<RegExpExecArray>
  /** Resolves with the exit code, null after a signal. */
  exited: Promise<number | null>
}

export function startChild(
  command: string,
  args: string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Child {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const listener of listeners) listener()
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    process: child,
    output: () => output,
    exited,
    printed(pattern, ms = 100_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => end(new Error(`${pattern} was not printed within ${ms} ms:\n${output}`)),
          ms,
        )
        const look = () => {
          const match = pattern.exec(output)
          if (match) end(undefined, match)
        }
        const end = (error?: Error, match?: RegExpExecArray) => {
          clearTimeout(timer)
          listeners.delete(look)
          if (match) resolve(match)
          else reject(error ?? new Error('no match'))
        }
        listeners.add(look)
        void exited.then((code) =>
          end(new Error(`ended with ${code} before it printed ${pattern}:\n${output}`)),
        )
        look()
      })
    },
  }
}

/** Runs the CLI from the sources to its end. */
export async function runCli(
  args: string[],
  options: { cwd: string; env: Record<string, string>; input?: string },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: options.cwd, env: options.env })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.end(options.input ?? '')
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}
