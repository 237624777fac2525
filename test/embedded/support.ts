import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import {
  startEmbeddedNats,
  startEmbeddedPostgres,
  type EmbeddedNatsOptions,
  type EmbeddedServer,
  type Logger,
} from '../../src/runtime/embedded/index.ts'
import { until } from '../../src/runtime/embedded/poll.ts'
import { root } from '../support/child.ts'
import { quietPort } from '../support/ports.ts'

export const host = '127.0.0.1'
export const isRoot = process.getuid?.() === 0
/** The reason belongs into the test's name, where a skipped one shows it. */
export const onlyRoot = isRoot ? '' : ' (skipped: not root)'

/** Whether other users can get to this checkout's programs: not to those in root's home, for one. */
export const isOpenToOthers = foldersOf(root).every((folder) => (statSync(folder).mode & 0o001) !== 0)
export const onlyOpen = isOpenToOthers ? '' : ' (skipped: no other user can get to this checkout)'

/** A folder and those that it lies in. */
function foldersOf(folder: string): string[] {
  return folder === dirname(folder) ? [folder] : [folder, ...foldersOf(dirname(folder))]
}

/** A logger that keeps what it is told. */
export function keepingLogger(): Logger & { messages: string[] } {
  const messages: string[] = []
  const keep = (_fields: object, message: string): void => void messages.push(message)
  return { messages, debug: keep, info: keep, warn: keep, error: keep }
}

/** A folder that goes with the test; 0700 as `mkdtemp` makes it, or open for others to pass. */
export function scratch(mode = 0o700): string {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-test-'))
  chmodSync(folder, mode)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Ends a process of this test however the test ends. Only pids that this test's own servers have had. */
export function killAtEnd(pid: number): void {
  onTestFinished(() => kill(pid, 'SIGKILL'))
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    if (isAlive(pid)) process.kill(pid, signal)
  } catch {
    // Gone.
  }
}

export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

export async function gone(pid: number): Promise<boolean> {
  return (await until(() => !isAlive(pid), { timeoutMs: 50_000 })) ?? false
}

export async function startNats(
  dataDir: string,
  options: Partial<EmbeddedNatsOptions> = {},
): Promise<EmbeddedServer> {
  const port = options.port ?? (await quietPort(host))
  return tracked(await startEmbeddedNats({ host, logger: keepingLogger(), dataDir, ...options, port }))
}

export async function startPostgres(
  dataDir: string,
  logger: Logger = keepingLogger(),
): Promise<EmbeddedServer> {
  const port = await quietPort(host)
  return tracked(await startEmbeddedPostgres({ dataDir, host, port, database: 'headwater', logger }))
}

function tracked(server: EmbeddedServer): EmbeddedServer {
  onTestFinished(() => server.stop())
  return server
}

/** The values of the rows, one after the other; a single statement. */
export async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows.flat()
  } finally {
    await client.end()
  }
}

/** Holds a port until the test ends. */
export async function occupiedPort(): Promise<number> {
  const listener = createServer().listen({ port: 0, host })
  await once(listener, 'listening')
  onTestFinished(() => void listener.close())
  const address = listener.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

export interface Started {
  pid: number
  url: string
}

interface Owner {
  process: ChildProcess
  nats: Started | undefined
  postgres: Started | undefined
}

export interface OwnerOptions {
  servers?: string[]
  uid?: number
  env?: NodeJS.ProcessEnv
}

const fixture = fileURLToPath(new URL('owner.fixture.ts', import.meta.url))

/** Another process that starts servers and then waits; what it says on the way is in the error if it does not. */
export async function otherOwner(dataDir: string, options: OwnerOptions = {}): Promise<Owner> {
  const { servers = ['nats', 'postgres'], uid, env = {} } = options
  const child = spawn(process.execPath, [fixture, dataDir, ...servers], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let problem = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (problem += text))
  const started: Record<string, Started> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') return { process: child, nats: started['nats'], postgres: started['postgres'] }
    const [name = '', pid, url = ''] = line.split(' ')
    started[name] = { pid: Number(pid), url }
    killAtEnd(Number(pid))
  }
  throw new Error(`the other process did not start its servers: ${problem}`)
}

/** A PATH whose `unshare` fails like it does where user namespaces are forbidden. */
export function pathWithoutNamespaces(): string {
  const folder = scratch(0o755)
  const script = '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n'
  execFileSync('/bin/sh', ['-c', 'printf %s "$1" > "$0/unshare" && chmod 755 "$0/unshare"', folder, script])
  return `${folder}:${process.env['PATH'] ?? ''}`
}
