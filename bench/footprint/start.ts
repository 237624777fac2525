import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readEndpoints } from '../../src/runtime/endpoints-file.ts'
import { startChild } from '../support/child.ts'
import { residentMb } from '../support/memory.ts'
import { serviceFlags } from '../support/service-flags.ts'

export interface Started {
  /** From the start of the process until it was ready. */
  ms: number
  /** The process's resident memory at this moment, in MB. */
  memoryMb(): number
  stop(): Promise<unknown>
}

const POLL_MS = 10
const PATIENCE_MS = 60_000

/** `npm start`, as it is without npm, in a folder; ready when `/health/ready` answers 200. */
export async function startService(folder: string): Promise<Started> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const { PATH = '', HOME = '' } = process.env
  const ports = { HEADWATER_HTTP_PORT: '0', HEADWATER_NATS_PORT: '0', HEADWATER_POSTGRES_PORT: '0' }
  const began = performance.now()
  const child = spawn(process.execPath, [...serviceFlags(), main, 'start'], {
    cwd: folder,
    env: { PATH, HOME, ...ports },
    stdio: 'ignore',
  })
  const stop = () => end(child)
  try {
    while (!(await isReady(join(folder, '.headwater')))) {
      if (hasEnded(child)) throw new Error(`The service ended with ${child.exitCode ?? child.signalCode}`)
      if (performance.now() - began > PATIENCE_MS) throw new Error('The service does not get ready')
      await delay(POLL_MS)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { ms: performance.now() - began, memoryMb: () => residentMb(child.pid ?? 0), stop }
}

/** The same servers with nothing but the libraries; ready when it listens. */
export async function startFloor(folder: string): Promise<Started> {
  const began = performance.now()
  const child = await startChild(new URL('floor.child.ts', import.meta.url), {
    dataDir: join(folder, '.headwater'),
  })
  return {
    ms: performance.now() - began,
    memoryMb: () => residentMb(child.pid),
    stop: () => child.stop(),
  }
}

async function isReady(dataDir: string): Promise<boolean> {
  const endpoints = await readEndpoints(dataDir)
  if (!endpoints) return false
  const url = new URL('/health/ready', endpoints.graph)
  return fetch(url).then(
    ({ status }) => status === 200,
    () => false,
  )
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
