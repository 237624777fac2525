import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Child, root, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { query } from '../support/graphql.ts'
import { until } from '../support/until.ts'

// `npm start`, on a folder that holds what git has and nothing else, with the machine's own Node. (`npm test` on one is what .ci/run does.)

const folder = mkdtempSync(join(tmpdir(), 'headwater-clone-'))
const env = cleanEnv()
/** A new user’s as well, but for the time that a loaded machine may take for an answer. */
const patient = { ...env, HEADWATER_COMMANDS_TIMEOUT_MS: '50000' }
const children: Child[] = []

/** What a clone would hold: the files that git tracks, and those that it would if they were added. */
function copyTracked(): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  })
  for (const file of listed.toString().split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
}

function npm(...args: string[]): Child {
  const child = startChild('npm', args, { cwd: folder, env })
  children.push(child)
  return child
}

async function startAndInspect() {
  const child = npm('start')
  const [, graph = ''] = await child.printed(/GraphQL\s+(http:\S+)/, 500_000)
  return { child, graph }
}

/** Ctrl-C in a terminal reaches the whole process group. */
async function pressCtrlC({ process: { pid }, exited }: Child): Promise<void> {
  if (pid !== undefined) process.kill(-pid, 'SIGINT')
  await exited
}

beforeAll(copyTracked)

afterAll(async () => {
  for (const child of children) {
    if (child.process.exitCode === null && child.process.signalCode === null) await pressCtrlC(child)
  }
  rmSync(folder, { recursive: true, force: true })
})

it('npm start installs, starts everything, takes a first command and answers a first query; twice', async () => {
  const first = await startAndInspect()
  const npx = (...args: string[]) =>
    execFileSync('npx', ['headwater', ...args], { cwd: folder, env: patient, encoding: 'utf8' })
  const firstNpx = spawnSync('npx', ['headwater', '--version'], { cwd: folder, env, encoding: 'utf8' })
  expect(firstNpx.status).toBe(0)
  expect(firstNpx.stderr).not.toContain('EBADENGINE')
  const order = {
    customerId: 'c-1',
    currency: 'EUR',
    items: [{ sku: 'tea', quantity: 2, unitPrice: '4.50' }],
  }
  expect(JSON.parse(npx('command', 'order', 'o-1', 'create', JSON.stringify(order)))).toMatchObject({
    ok: true,
    version: 1,
  })
  const state = '{ order(id: "o-1") { status total statusHistory { status version } } }'
  const seen = await until('the order in the graph', async () => {
    const { data } = await query(first.graph, state)
    return data?.['order']
  })
  expect(seen).toEqual({
    status: 'CREATED',
    total: '9.00',
    statusHistory: [{ status: 'CREATED', version: 1 }],
  })
  await pressCtrlC(first.child)
  expect(existsSync(join(folder, '.headwater/endpoints.json'))).toBe(false)

  const second = await startAndInspect()
  expect((await query(second.graph, state)).data?.['order']).toEqual(seen)
  await pressCtrlC(second.child)
}, 1_200_000)
