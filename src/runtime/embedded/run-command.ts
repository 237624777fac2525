import { spawn } from 'node:child_process'

/** A program to run and as whom; `uid` and `gid` only where it is to be another than this process's. */
export interface Command {
  file: string
  args: string[]
  uid?: number
  gid?: number
  cwd?: string
  env?: NodeJS.ProcessEnv
}

export interface CommandResult {
  ok: boolean
  stdout: string
  /** Standard output and error as they came, or why there was none: for messages. */
  output: string
}

/** For a program that only says what it is, in milliseconds: on a busy machine that takes seconds, and what is slow is not impossible. */
export const PROBE_MS = 60_000

/** Runs a short-lived program to its end. Does not throw: a program that is not there has failed like any other. */
export function runCommand(command: Command, timeoutMs: number): Promise<CommandResult> {
  const { file, args, ...options } = command
  return new Promise((resolve) => {
    let stdout = ''
    let output = ''
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    // KILL: some of these come before a server is trusted, and TERM can be ignored. Not spawn's own `timeout`: where there is no
    // such program its timer goes on, and keeps this process from ending for as long.
    const patience = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('exit', () => clearTimeout(patience))
    child.once('error', (error) => {
      clearTimeout(patience)
      resolve({ ok: false, stdout, output: error.message })
    })
    child.once('close', (code, signal) => {
      const ended =
        signal === null
          ? `ended with code ${code}`
          : `was ended by ${signal}, at the latest after ${timeoutMs / 1000} s`
      const said = output.trim()
      resolve({
        ok: code === 0,
        stdout,
        output: said === '' || signal !== null ? `${file} ${ended}: ${said}` : said,
      })
    })
  })
}
