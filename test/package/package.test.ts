import { execFileSync, spawn } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { exportsOf } from '../../scripts/api/exports.ts'
import { withProgram } from '../../scripts/program.ts'
import { RUN_LIMIT_MS, root } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { writeModules } from './examples/write-modules.ts'

// What a user of the published package does: installs the tarball in an empty folder and writes a domain of three lines.

const folder = mkdtempSync(join(tmpdir(), 'headwater-package-'))
const env = cleanEnv({
  // Who waits for half of it sends again, and is told that it is repeated.
  HEADWATER_COMMANDS_TIMEOUT_MS: '60000',
})

const run = (command: string, args: string[], cwd = folder) =>
  execFileSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_LIMIT_MS,
  })

const DOMAIN = `
import { createCommandClient, defineAggregate, defineContext, start, z } from 'headwater'
const counter = defineAggregate({ name: 'counter', events: { 'counter.added': z.object({ by: z.number() }) }, commands: { add: z.object({ by: z.number() }) }, initial: { total: 0 }, decide: { add: (state, { by }) => ({ type: 'counter.added', data: { by } }) }, evolve: { 'counter.added': (state, { data }) => ({ total: state.total + data.by }) } })
const service = await start({ contexts: [defineContext({ name: 'counters', aggregates: [counter] })], config: { http: { port: 0 }, nats: { port: 0 }, postgres: { port: 0 }, log: { level: 'warn' } } })
const client = createCommandClient(service.sender, [counter])
await client.counter('c-1').add({ by: 2 })
console.log('REPLY ' + JSON.stringify(await client.counter('c-1').add({ by: 3 })))
const query = '{ eventsOf(aggregate: "counter", id: "c-1") { nodes { type version data } } }'
const answer = await fetch(service.endpoints.graph, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) })
console.log('EVENTS ' + JSON.stringify(await answer.json()))
await service.stop()
`

beforeAll(() => {
  const packed =
    run('npm', ['pack', '--silent', '--pack-destination', folder], root).trim().split('\n').at(-1) ?? ''
  writeFileSync(join(folder, 'package.json'), '{ "name": "mine", "private": true, "type": "module" }')
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', join(folder, packed)])
  writeFileSync(join(folder, 'service.mjs'), DOMAIN)
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('runs a domain of three lines against embedded servers', async () => {
  const child = spawn(process.execPath, ['service.mjs'], { cwd: folder, env })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(output).toContain('REPLY ')
  const reply: unknown = JSON.parse(/REPLY (.*)/.exec(output)?.[1] ?? 'null')
  expect(reply).toMatchObject({ ok: true, aggregate: 'counter', id: 'c-1', version: 2, duplicate: false })
  // A context without a graph of its own is in the graph all the same, by its events.
  const events: unknown = JSON.parse(/EVENTS (.*)/.exec(output)?.[1] ?? 'null')
  expect(events).toEqual({
    data: {
      eventsOf: {
        nodes: [
          { type: 'counter.added', version: 1, data: { by: 2 } },
          { type: 'counter.added', version: 2, data: { by: 3 } },
        ],
      },
    },
  })
  expect(code).toBe(0)
})

const STRICT = [
  '--strict',
  '--module',
  'nodenext',
  '--target',
  'es2024',
  '--lib',
  'es2024,dom',
  '--skipLibCheck',
]
const compile = (files: readonly string[], flags: readonly string[]) =>
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...STRICT, ...flags, ...files])

it('has declarations that a strict project can use', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    DOMAIN.replace("console.log('REPLY ' + JSON.stringify(", 'const reply = (').replace(
      /add\(\{ by: 3 \}\)\)\)/,
      'add({ by: 3 }))',
    ) + '\nconst version: number = reply.version\nconsole.log(version)\n',
  )
  expect(compile(['use.ts'], ['--noEmit', '--types', ''])).toBe('')
})

it('has the shipped contexts, to be served with those of one’s own or changed', () => {
  const text = `
import { start, type Service } from 'headwater'
import { type PaymentGateway, createTestGateway, orders, paymentsContext } from 'headwater/domains'
const gateway: PaymentGateway = createTestGateway({ limit: '1.00' })
export const service: Promise<Service> = start({ contexts: [orders, paymentsContext({ gateway })] })
`
  writeFileSync(join(folder, 'domains.ts'), text)
  expect(compile(['domains.ts'], ['--noEmit', '--types', ''])).toBe('')
  const names = "import('headwater/domains').then((all) => console.log(Object.keys(all).toSorted().join()))"
  expect(run(process.execPath, ['-e', names]).trim()).toBe(
    'compliance,complianceContext,createTestGateway,customers,inventory,ledger,orders,payments,paymentsContext,purchases,shipping',
  )
})

it('has examples in its doc comments that compile, and do what they say beside a service', () => {
  const files = withProgram((program) => writeModules(folder, exportsOf(program)))
  expect(files.length).toBeGreaterThan(30)
  copyFileSync(new URL('examples/runner.mjs', import.meta.url), join(folder, 'runner.mjs'))
  // The types of Node, as any project that serves has them.
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'))
  // With declarations: a project that publishes its own may name no file of this package.
  const emit = ['--declaration', '--emitDeclarationOnly', '--outDir', 'types']
  expect(compile(files, [...emit, '--types', 'node', '--allowImportingTsExtensions'])).toBe('')
  const declared = files.map((file) =>
    readFileSync(join(folder, 'types', file.replace(/ts$/, 'd.ts')), 'utf8'),
  )
  expect(declared.join('')).toMatch(/from 'headwater'|import\("headwater"\)/)
  expect(declared.join('')).not.toMatch(/headwater\/dist/)
  const said = run(process.execPath, ['runner.mjs', ...files])
  expect(said.match(/^RAN .*$/gm)).toEqual(files.map((file) => `RAN ${file}`))
})

it('has a headwater command', () => {
  const bin = join(folder, 'node_modules/headwater/bin/headwater.js')
  expect(run(process.execPath, [bin, '--version']).trim()).toMatch(/^\d+\.\d+\.\d+$/)
  expect(run(process.execPath, [bin, 'config'])).toContain('namespace = "hw"')
})

it('writes a domain into a project of one’s own, whose test passes and which it serves', async () => {
  const bin = join(folder, 'node_modules/headwater/bin/headwater.js')
  run(process.execPath, [bin, 'new', 'domain', 'gift-cards'])
  run(process.execPath, ['--test', 'domains/gift-cards/gift-cards.test.ts'])
  const ports = { HEADWATER_HTTP_PORT: '0', HEADWATER_NATS_PORT: '0', HEADWATER_POSTGRES_PORT: '0' }
  const child = spawn(process.execPath, [bin, 'start'], { cwd: folder, env: { ...env, ...ports } })
  const ended = new Promise((resolve) => child.on('close', resolve))
  let output = ''
  await new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += String(chunk)
        if (output.includes('Headwater is up')) resolve()
      })
    void ended.then(() => resolve())
  })
  expect(output).toContain("npx headwater command gift-card <id> create '<JSON>'")
  const title = JSON.stringify({ title: 'Hello' })
  const reply: unknown = JSON.parse(
    run(process.execPath, [bin, 'command', 'gift-card', 'first', 'create', title]),
  )
  expect(reply).toMatchObject({ ok: true, aggregate: 'gift-card', id: 'first', version: 1 })
  child.kill('SIGINT')
  expect(await ended).toBe(0)
})
