import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { domainNames } from '../../src/cli/scaffold/names.ts'
import { overEventStream } from '../live/clients.ts'
import { type Child, cli, root, runCli, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { query } from '../support/graphql.ts'
import { until } from '../support/until.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A copy of the repository without what git leaves out; the packages are linked. */
function copyOfRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-new-'))
  folders.push(folder)
  for (const part of [
    'src',
    'test',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    '.prettierrc.json',
    'nats-server.conf',
  ]) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** A project of somebody else's: the package is the repository itself, linked, with sources in place of dist/. */
function otherProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-project-'))
  folders.push(folder)
  writeFileSync(join(folder, 'package.json'), '{ "name": "mine", "type": "module" }')
  const linked = join(folder, 'node_modules/headwater')
  mkdirSync(linked, { recursive: true })
  const exports = { '.': './link/src/index.ts', './testing': './link/src/testing/index.ts' }
  writeFileSync(join(linked, 'package.json'), JSON.stringify({ name: 'headwater', type: 'module', exports }))
  symlinkSync(root, join(linked, 'link'))
  return folder
}

/** An answer may take long on a loaded machine. */
const PATIENT = { HEADWATER_COMMANDS_TIMEOUT_MS: '50000' }
const headwater = (cwd: string, ...args: string[]) => runCli(args, { cwd, env: cleanEnv(PATIENT) })

/** The lines to type that were printed, as they are. */
function stepsOf(stdout: string): string[] {
  const [, lines = ''] = /Next:\n([^]*?)\n\n/.exec(stdout) ?? []
  return lines.split('\n').map((line) => line.trim())
}

/** Types a line: `npx` runs this repository's command, since nothing is installed. */
function startShell(cwd: string, line = '', env: Record<string, string> = {}): Child {
  const bin = join(cwd, '.bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec node ${cli} "$@"\n`, { mode: 0o755 })
  const path = `${bin}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  return startChild('sh', ['-c', line], { cwd, env: cleanEnv({ ...env, PATH: path }) })
}

async function inShell(cwd: string, line = '') {
  const child = startShell(cwd, line, PATIENT)
  return { code: await child.exited, output: child.output() }
}

async function run(cwd: string, command: string, ...args: string[]) {
  const child = startChild(command, args, { cwd, env: cleanEnv() })
  return { code: await child.exited, output: child.output() }
}

/**
 * Makes the first change of a domain's README: each of its blocks begins with the file and the line that it goes behind.
 * `// aggregate.ts, events`
 */
function changeAsToldBy(folder: string, domain: string): void {
  const readme = readFileSync(join(folder, domain, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/ {3}```\w+\n {3}(?:\/\/|#) (\S+), (.+)\n([^]*?) {3}```/g)]
  expect(blocks).toHaveLength(11)
  for (const [, file = '', place = '', lines = ''] of blocks) {
    const path = join(folder, domain, file)
    const before = readFileSync(path, 'utf8')
    const after = before.replace(new RegExp(`^.*${place}(?!\\w).*[{\`]$`, 'm'), (line) => `${line}\n${lines}`)
    expect(after, `${file}, ${place}`).not.toBe(before)
    writeFileSync(path, after.replace('version: 1,', 'version: 2,'))
  }
}

describe('headwater new domain', () => {
  it('writes a domain into the repository that passes format, types and its own test', async () => {
    const folder = copyOfRepository()
    const { code, stdout } = await headwater(folder, 'new', 'domain', 'gift-cards')
    expect(code).toBe(0)
    expect(stdout).toContain('wrote  src/domains/gift-cards/aggregate.ts')
    const bin = (name: string) => join(root, 'node_modules/.bin', name)
    const files = ['src/domains/gift-cards', 'test/domains/gift-cards.test.ts', 'src/domains/index.ts']
    const format = await run(folder, bin('prettier'), '--check', ...files)
    expect(format.code, format.output).toBe(0)
    const tsconfig = { extends: './tsconfig.json', include: ['src', 'test/domains/gift-cards.test.ts'] }
    writeFileSync(join(folder, 'tsconfig.new.json'), JSON.stringify(tsconfig))
    const types = await run(folder, bin('tsc'), '-p', 'tsconfig.new.json')
    expect(types.code, types.output).toBe(0)
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const test = await run(folder, process.execPath, vitest, 'run', 'test/domains/gift-cards.test.ts')
    expect(test.code, test.output).toBe(0)

    changeAsToldBy(folder, 'src/domains/gift-cards')
    const changed = await run(folder, bin('tsc'), '-p', 'tsconfig.new.json')
    expect(changed.code, changed.output).toBe(0)
    const tested = await run(folder, process.execPath, vitest, 'run', 'test/domains/gift-cards.test.ts')
    expect(tested.code, tested.output).toBe(0)
    expect(tested.output).toMatch(/6 passed/)
  })

  it('writes a domain into a project of one’s own, which serves it', async () => {
    const folder = otherProject()
    const { code, stdout } = await headwater(folder, 'new', 'domain', 'gift-cards')
    expect(code).toBe(0)
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('.headwater/')
    const [test, start, ...commands] = stepsOf(stdout)
    const tested = await inShell(folder, test)
    expect(tested.code, tested.output).toBe(0)

    const ports = { HEADWATER_HTTP_PORT: '0', HEADWATER_NATS_PORT: '0', HEADWATER_POSTGRES_PORT: '0' }
    const service: Child = startShell(folder, start, ports)
    try {
      const [, graph = ''] = await service.printed(/GraphQL\s+(http:\S+)/)
      expect(commands).toHaveLength(2)
      for (const command of commands) {
        const { code: ended, output } = await inShell(folder, command)
        expect(ended, output).toBe(0)
        expect(output).toContain('gift-card.created')
      }
      const source =
        '{ giftCard(id: "first") { title status allEvents { nodes { type } } } giftCards { totalCount } }'
      const card = await until('the card in the graph', async () => {
        const { data } = await query(graph, source)
        return data?.['giftCard'] && data
      })
      expect(card).toEqual({
        giftCard: { title: 'Hello', status: 'OPEN', allEvents: { nodes: [{ type: 'gift-card.created' }] } },
        giftCards: { totalCount: 1 },
      })
      // The clients of the live tests look for the state under this name.
      const ofCard = '{ type cursor event { id version } order: giftCard { title } }'
      const one = overEventStream(graph, `subscription { giftCardChanged(id: "first") ${ofCard} }`)
      const open = `giftCardsChanged(filter: { status: OPEN }) ${ofCard}`
      const all = overEventStream(graph, `subscription { ${open} }`)
      await Promise.all([one.came(1), all.came(2)])
      await headwater(folder, 'command', 'gift-card', 'first', 'rename', '{"title":"Bye"}')
      await Promise.all([one.came(2), all.came(3)])
      for (const { payloads } of [one, all])
        expect(payloads.at(-1)).toMatchObject({ event: { version: 2 }, order: { title: 'Bye' } })
      for (const told of [one, all]) told.stop()
      // Its own contexts only: the commerce domain is not served.
      expect((await headwater(folder, 'command', 'order', 'o-1', 'confirm')).stdout).toContain(
        'UNKNOWN_AGGREGATE',
      )
    } finally {
      process.kill(-Number(service.process.pid), 'SIGTERM')
      await service.exited
    }
  })

  it('says what a package.json lacks', async () => {
    const folder = otherProject()
    writeFileSync(join(folder, 'package.json'), '{ "name": "mine" }')
    expect((await headwater(folder, 'new', 'domain', 'notes')).stdout).toContain('npm pkg set type=module')
    const empty = mkdtempSync(join(tmpdir(), 'headwater-empty-'))
    folders.push(empty)
    expect(stepsOf((await headwater(empty, 'new', 'domain', 'notes')).stdout).slice(0, 3)).toEqual([
      'npm init --yes',
      'npm pkg set type=module',
      'npm install headwater',
    ])
  })

  it('makes one of many, and many of one', () => {
    const names = ['gift-cards', 'categories', 'addresses', 'boxes', 'courses', 'loyalty', 'status']
    expect(names.map(domainNames).map(({ aggregate, list }) => `${aggregate} ${list}`)).toEqual([
      'gift-card giftCards',
      'category categories',
      'address addresses',
      'box boxes',
      'course courses',
      'loyalty loyalties',
      'status statuses',
    ])
  })

  it('overwrites nothing, and refuses names that fit nowhere', async () => {
    const folder = otherProject()
    await headwater(folder, 'new', 'domain', 'notes')
    const before = readFileSync(join(folder, 'domains/index.ts'), 'utf8')
    const again = await headwater(folder, 'new', 'domain', 'notes')
    expect(again.stderr).toContain('ALREADY_THERE')
    expect(readFileSync(join(folder, 'domains/index.ts'), 'utf8')).toBe(before)
    // Of the last three one is no variable, and every graph has the types of the others.
    for (const name of [
      'Notes',
      'no.tes',
      '../notes',
      '9lives',
      'a--b',
      'classes',
      'subscriptions',
      'positions',
    ]) {
      const refused = await headwater(folder, 'new', 'domain', name)
      expect(refused.stderr).toContain('INVALID_NAME')
    }
    expect(existsSync(join(folder, 'Notes'))).toBe(false)
  })
})
