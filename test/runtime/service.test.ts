import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type Child, cli, runCli, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { fillDataFolder } from '../support/data-folder.ts'
import { until } from '../support/until.ts'

const folders: string[] = []
const children: Child[] = []

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-runtime-'))
  folders.push(folder)
  return folder
}

async function start(cwd: string, extra: Record<string, string> = {}) {
  const dataDir = join(cwd, '.headwater')
  if (!existsSync(dataDir)) await fillDataFolder(dataDir)
  const child = startChild(process.execPath, [cli, 'start'], { cwd, env: cleanEnv(extra) })
  children.push(child)
  const [, graph = ''] = await child.printed(/GraphQL\s+(http:\S+)/)
  return { child, http: graph.replace('/graphql', '') }
}

async function stop(child: Child): Promise<number | null> {
  child.process.kill('SIGTERM')
  return await child.exited
}

const Pids = z.object({ nats: z.number(), postgres: z.number() })

/** The servers that a service started, by the files that they keep themselves. */
function serverPids(folder: string) {
  const postgres = readFileSync(join(folder, '.headwater/postgres/postmaster.pid'), 'utf8').split('\n')[0]
  const nats = readFileSync(join(folder, '.headwater/nats.pid'), 'utf8')
  return Pids.parse({ nats: Number(nats), postgres: Number(postgres) })
}

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.process.exitCode === null && child.process.signalCode === null) await stop(child)
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const order = JSON.stringify({
  customerId: 'c-1',
  currency: 'EUR',
  items: [{ sku: 'tea', quantity: 1, unitPrice: '1.00' }],
})

describe('the service', () => {
  it('says what runs where, also in a file that only its owner may read, which is gone when it has stopped', async () => {
    const folder = newFolder()
    const { child, http } = await start(folder)
    const file = join(folder, '.headwater/endpoints.json')
    const endpoints: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'))
    expect(endpoints).toEqual({
      graph: `${http}/graphql`,
      nats: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/),
      postgres: expect.stringMatching(/^postgres:\/\/headwater:\S+@127\.0\.0\.1:\d+\/headwater$/),
    })
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(child.output()).not.toContain(new URL(endpoints['postgres'] ?? '').password)
    expect(await stop(child)).toBe(0)
    expect(existsSync(file)).toBe(false)
  })

  it('runs beside another one: taken ports are replaced by free ones', async () => {
    const [first, second] = await Promise.all([start(newFolder()), start(newFolder())])
    expect(first.http).not.toBe(second.http)
    for (const { http } of [first, second])
      await until(`${http} to be ready`, async () => (await fetch(`${http}/health/ready`)).status === 200)
  })

  it('is adopted after a kill -9 of its process: the next start keeps the data (1 fault)', async () => {
    const folder = newFolder()
    const { child } = await start(folder)
    const env = cleanEnv({ HEADWATER_COMMANDS_TIMEOUT_MS: '60000' })
    await runCli(['command', 'order', 'o-1', 'create', order], { cwd: folder, env })
    child.process.kill('SIGKILL')
    await child.exited
    const again = await start(folder)
    const { stdout } = await runCli(['history', 'order', 'o-1'], { cwd: folder, env })
    expect(stdout).toContain('order.created')
    expect(await stop(again.child)).toBe(0)
  })

  it('is live and ready, with every projection; not ready while PostgreSQL is away, and ready again by itself (1 fault)', async () => {
    const folder = newFolder()
    // While it is away another suite may take the preferred port.
    const { http } = await start(folder, { HEADWATER_POSTGRES_PORT: '0', HEADWATER_NATS_PORT: '0' })
    expect(await (await fetch(`${http}/health/live`)).json()).toEqual({ status: 'up' })
    // Who does not answer within a second counts as down.
    await vi.waitFor(async () => {
      const ready = await fetch(`${http}/health/ready`)
      expect(await ready.json()).toMatchObject({
        status: 'up',
        nats: { status: 'up' },
        postgres: { status: 'up' },
        projections: expect.arrayContaining([expect.objectContaining({ name: 'order', status: 'up' })]),
      })
    }, 50_000)
    const endpoints: Record<string, string> = JSON.parse(
      readFileSync(join(folder, '.headwater/endpoints.json'), 'utf8'),
    )
    process.kill(await postmasterPid(endpoints['postgres'] ?? '', folder), 'SIGKILL')
    await until('PostgreSQL to be missed', async () => (await fetch(`${http}/health/ready`)).status === 503)
    await until('PostgreSQL to be back', async () => (await fetch(`${http}/health/ready`)).status === 200)
  })

  it('answers what it has accepted before SIGTERM ends it', async () => {
    const folder = newFolder()
    // Its client reconnects to whoever listens on the port that it knows: on the preferred one that may be the service of another
    // test, which then accepts the rest of the commands.
    const ownPort = { HEADWATER_NATS_PORT: '0' }
    const { child } = await start(folder, ownPort)
    const lines = Array.from({ length: 3000 }, (_, n) =>
      JSON.stringify({
        aggregate: 'order',
        id: `d-${n}`,
        command: 'create',
        data: JSON.parse(order),
        commandId: `d-${n}`,
      }),
    ).join('\n')
    const env = cleanEnv({ HEADWATER_COMMANDS_TIMEOUT_MS: '300' })
    const sending = runCli(['send', '-'], { cwd: folder, env, input: lines })
    await until('some commands to be in', async () => {
      const { stdout } = await runCli(['history', 'order', 'd-0'], { cwd: folder, env })
      return stdout.includes('order.created')
    })
    child.process.kill('SIGTERM')
    expect(await child.exited).toBe(0)
    expect(child.output()).not.toContain('were left unanswered')
    const { stdout } = await sending
    const accepted = Number(/([\d,]+) {2}accepted/.exec(stdout)?.[1]?.replaceAll(',', ''))
    const again = await start(folder, ownPort)
    const patient = cleanEnv({ HEADWATER_COMMANDS_TIMEOUT_MS: '50000' })
    const second = await runCli(['send', '-'], { cwd: folder, env: patient, input: lines })
    expect(second.stdout).toMatch(/ 0 {2}failed/)
    // Whatever was accepted is there; what was stored without its answer reaching the client is a duplicate now too.
    const duplicates = Number(/([\d,]+) {2}duplicates/.exec(second.stdout)?.[1]?.replaceAll(',', ''))
    expect(duplicates).toBeGreaterThanOrEqual(accepted)
    await stop(again.child)
  })

  it('refuses a second start in the same folder, and leaves the first one its endpoints.json', async () => {
    const folder = newFolder()
    await start(folder)
    const { code, stderr } = await runCli(['start'], { cwd: folder, env: cleanEnv() })
    expect(code).toBe(1)
    expect(stderr).toContain('DATA_FOLDER_IN_USE')
    expect(existsSync(join(folder, '.headwater/endpoints.json'))).toBe(true)
  })

  it('ends with what is wrong when PostgreSQL cannot be reached, and leaves nothing running', async () => {
    const env = cleanEnv({ DATABASE_URL: 'postgres://a:sekret@127.0.0.1:1/x' })
    const { code, stderr } = await runCli(['start'], { cwd: newFolder(), env })
    expect(code).toBe(1)
    expect(stderr).toContain('DATABASE_UNAVAILABLE')
    expect(stderr).not.toContain('sekret')
  })

  it('refuses a wrong configuration with every mistake in it, and starts nothing', async () => {
    const folder = newFolder()
    const { code, stderr } = await runCli(['start'], {
      cwd: folder,
      env: cleanEnv({ HEADWATER_HTTP_PORT: 'many', HEADWATER_STREAMS_REPLICAS: '2' }),
    })
    expect(code).toBe(1)
    expect(stderr).toContain('CONFIGURATION_INVALID')
    expect(stderr).toContain('HEADWATER_HTTP_PORT')
    expect(stderr).toContain('HEADWATER_STREAMS_REPLICAS')
    expect(existsSync(join(folder, '.headwater'))).toBe(false)
  })
})

/** The pid in the file that PostgreSQL keeps in its data folder. */
async function postmasterPid(_url: string, folder: string): Promise<number> {
  return serverPids(folder).postgres
}
