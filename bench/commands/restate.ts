import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../src/runtime/embedded/ports.ts'
import { startChild } from '../support/child.ts'
import type { Bench } from '../support/stack.ts'
import { type Contender, peerClient } from './contender.ts'

const host = '127.0.0.1'
const PATIENCE_MS = 30_000

/** Restate's server on loopback with the order's virtual object, as it is shipped or without waiting for the disk. */
export async function restate(bench: Bench, fsync: boolean): Promise<Contender> {
  const started = await startRestate(bench, fsync, 'restate-service.child.ts')
  return peerClient(bench, 'restate-client.child.ts', started)
}

/**
 * Restate's server on loopback with what a module of `peers/` serves.
 * @returns where it takes requests, and how durable its answers are
 */
export async function startRestate(bench: Bench, fsync: boolean, module: string) {
  const folder = await bench.folder()
  const [node, ingress, admin, service] = [
    await freePort(host),
    await freePort(host),
    await freePort(host),
    await freePort(host),
  ]
  const child = spawn(binary(), ['--no-logo', '--base-dir', folder, '--node-name', 'bench'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'warn',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_IP: host,
      RESTATE_ADVERTISED_HOST: host,
      RESTATE_BIND_PORT: String(node),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DEFAULT_NUM_PARTITIONS: process.env['BENCH_RESTATE_PARTITIONS'] ?? '4',
      ...(!fsync && {
        RESTATE_LOG_SERVER__ROCKSDB_DISABLE_WAL_FSYNC: 'true',
        RESTATE_BIFROST__LOCAL__ROCKSDB_DISABLE_WAL_FSYNC: 'true',
      }),
    },
  })
  const log = createWriteStream(join(folder, 'restate.log'))
  child.stdout.pipe(log)
  child.stderr.pipe(log)
  const exited = once(child, 'exit')
  bench.closing({
    async stop() {
      child.kill('SIGTERM')
      await Promise.race([exited, delay(10_000).then(() => child.kill('SIGKILL'))])
    },
  })
  bench.closing(await startChild(new URL(`../peers/${module}`, import.meta.url), { port: service }))
  await answering(`http://${host}:${admin}/health`, { method: 'GET' })
  await answering(`http://${host}:${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://${host}:${service}` }),
  })
  const url = `http://${host}:${ingress}`
  await answering(`${url}/restate/health`, { method: 'GET' })
  return {
    name: fsync ? 'restate' : 'restate, no WAL fsync',
    durability: fsync ? 'fsynced' : 'written, not fsynced',
    url,
  }
}

function binary(): string {
  const require = createRequire(new URL('../peers/package.json', import.meta.url))
  return require.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`)
}

/** Asks until the answer is a good one: a server that starts refuses, or says that it is not ready. */
async function answering(url: string, init: RequestInit): Promise<void> {
  let last: unknown
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await delay(200)) {
    try {
      const response = await fetch(url, init)
      if (response.ok) return
      last = await response.text()
    } catch (error) {
      last = error
    }
  }
  throw new Error(`${url} did not answer`, { cause: last })
}
