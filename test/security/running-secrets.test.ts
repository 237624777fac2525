import { statSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EmbeddedServer, startEmbeddedNats } from '../../src/runtime/embedded/index.ts'
import { quietPort } from '../support/ports.ts'
import { cli, runCli, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { ANY_MARKER, marker } from './marked-config.ts'

const stack = stackOfFile()
const folder = mkdtempSync(join(tmpdir(), 'headwater-running-'))
let nats: EmbeddedServer
beforeAll(async () => {
  const configFile = join(folder, 'nats-with-login.conf')
  writeFileSync(configFile, `authorization { user: marked, password: "${marker('nats')}" }\n`)
  const port = await quietPort('127.0.0.1')
  const logger = pino({ level: 'silent' })
  nats = await startEmbeddedNats({
    dataDir: join(folder, 'nats'),
    host: '127.0.0.1',
    port,
    configFile,
    logger,
  })
})
afterAll(async () => {
  await nats?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const natsUrl = (password: string) => nats.url.replace('//', `//marked:${password}@`)

it('a service that runs, is asked wrong things and loses its servers tells no secret of theirs to anybody', async () => {
  const database = new URL(stack().databaseUrl)
  expect(database.password.length).toBeGreaterThan(8)
  const namespace = uniqueName()
  const env = cleanEnv({
    NATS_URL: natsUrl(marker('nats')),
    DATABASE_URL: database.href,
    HEADWATER_NAMESPACE: namespace,
    HEADWATER_POSTGRES_SCHEMA: namespace,
    HEADWATER_LOG_LEVEL: 'trace',
    HEADWATER_GRAPH_CURSOR_SECRET: marker('cursor').padEnd(40, 'x'),
  })
  const seen: string[] = []
  const child = startChild(process.execPath, [cli, 'start', '--port', '0'], { cwd: folder, env })
  const [, graph = ''] = await child.printed(/"graph":"([^"]+)"/)
  await child.printed(/Ctrl-C stops everything/)
  const { origin } = new URL(graph)
  async function ask(query: string): Promise<string> {
    const response = await fetch(graph, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${marker('bearer')}` },
      body: JSON.stringify({ query }),
    })
    const text = JSON.stringify([...response.headers]) + (await response.text())
    seen.push(text)
    return text
  }
  const health = async () => {
    const response = await fetch(`${origin}/health/ready`)
    seen.push(await response.text())
    return response.status
  }

  const nc = await connect({ servers: nats.url, user: 'marked', pass: marker('nats') })
  for (const [subject, body] of [
    [`${namespace}.cmd.order.o-1.create`, '{}'],
    [`${namespace}.cmd.nothing.o-1.create`, 'not json'],
    [`$SRV.INFO.${namespace}-commands`, ''],
    [`$SRV.STATS.${namespace}-commands`, ''],
  ] as const)
    seen.push((await nc.request(subject, body, { timeout: 20_000 })).string())
  // What no projection can take, so that the log tells of it.
  await nc.request(`${namespace}.evt.order.o-1`, 'not a commit', { timeout: 20_000 })
  await ask('{ orders(after: "x") { nodes { id } } }')
  await ask('{ nothing }')
  await ask('mutation { confirmOrder(id: "none") { version } }')
  await until('the service to be ready', async () => (await health()) === 200)

  await stack().crashPostgres()
  await until('PostgreSQL to be missed', async () => (await health()) === 503)
  await until('an error', async () => (await ask('{ orders { nodes { id } } }')).includes('"errors"'))
  await stack().startPostgres()
  await until('PostgreSQL to be back', async () => (await health()) === 200)

  const endpoints = join(folder, '.headwater', 'endpoints.json')
  // The one place where it stands: for the owner alone.
  expect(statSync(endpoints).mode & 0o777).toBe(0o600)
  const wrong = new URL(database)
  wrong.password = marker('wrong')
  for (const more of [
    { DATABASE_URL: wrong.href },
    { NATS_URL: natsUrl(marker('other')) },
    { DATABASE_URL: `${database.href}none` },
  ]) {
    const { stdout, stderr, code } = await runCli(['projections', 'status'], {
      cwd: folder,
      env: { ...env, ...more },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/headwater: |error: /)
    seen.push(stdout, stderr)
  }
  await nc.close()
  child.process.kill('SIGTERM')
  expect(await child.exited).toBe(0)

  const everything = [...seen, child.output()].join('\n')
  expect(child.output()).toMatch(/"level":"(warn|error)"/)
  expect(everything.match(ANY_MARKER) ?? []).toEqual([])
  expect(everything).not.toContain(database.password)
  expect(everything).not.toContain(decodeURIComponent(database.password))
}, 300_000)
