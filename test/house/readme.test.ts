import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Child, root } from '../support/child.ts'
import { type Block, blocksOf, withoutChance } from '../support/markdown.ts'
import { createReader } from '../support/reader.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

// What the README tells its reader to type is typed here, in its order; what it says is printed then has to be printed.

const page = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = blocksOf(page)
const elsewhere = blocks.filter(({ runBy }) => runBy !== undefined)
const shell = blocks.filter(({ language, runBy }) => language === 'sh' && runBy === undefined)
const files = blocks.filter(({ language }) => language === 'ts')

const project = mkdtempSync(join(tmpdir(), 'headwater-readme-'))
const reader = createReader()

afterAll(async () => {
  await reader.stop()
  rmSync(project, { recursive: true, force: true })
})

describe('the README', () => {
  let service: Awaited<ReturnType<typeof startTestService>>
  let live: Child | undefined

  beforeAll(async () => {
    service = await startTestService()
    symlinkSync(join(root, 'samples'), join(service.folder, 'samples'))
  })
  afterAll(() => service.stop())

  const there = () => ({ folder: service.folder, graph: service.endpoints.graph })

  const expected = (block: Block): Block | undefined => {
    const next = blocks[blocks.indexOf(block) + 1]
    return next && ['json', 'text'].includes(next.language) ? next : undefined
  }

  it('has something to run, and names a test that is there for what is not run here', () => {
    expect(shell.length).toBeGreaterThan(10)
    for (const { runBy } of elsewhere) expect(existsSync(join(root, runBy ?? ''))).toBe(true)
  })

  it('links to what is there', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)
    expect(links.length).toBeGreaterThan(20)
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it.each(shell.map((block, index) => ({ name: `${index + 1}: ${block.text.split('\n')[0]}`, block })))(
    '$name',
    async ({ block }) => {
      if (block.text.startsWith('curl -N')) {
        live = reader.listen(block.text, there())
        await live.printed(/^data: .*STATE/m)
        return
      }
      const answer = expected(block)
      // A query may come before the row; whoever reads the README is slower.
      const isQuery = /^curl .*\n? .*"\{ /.test(block.text)
      let printed = await reader.run(block.text, there())
      if (answer?.language === 'json') {
        const wanted: unknown = JSON.parse(withoutChance(answer.text))
        const last = () => JSON.parse(withoutChance(printed.stdout.trim().split('\n').at(-1) ?? ''))
        if (isQuery)
          await until('the row', async () => {
            printed = await reader.run(block.text, there())
            return JSON.stringify(last()) === JSON.stringify(wanted)
          }).catch(() => undefined)
        expect(last(), printed.stderr).toEqual(wanted)
      } else if (answer?.text.startsWith('data: ')) {
        const lines = withoutChance(answer.text).trim().split('\n')
        for (const line of lines)
          await until(line, async () => withoutChance(live?.output() ?? '').includes(line))
      } else if (answer) {
        expect(withoutChance(printed.stdout).trim()).toBe(withoutChance(answer.text).trim())
      } else {
        expect(printed.stderr).not.toMatch(/^(headwater:|error:)/m)
        expect(printed.code, printed.stderr).toBe(0)
      }
    },
    120_000,
  )
})

describe('the domain of the README', () => {
  const env = reader.env({ HEADWATER_HTTP_PORT: '0', HEADWATER_NATS_PORT: '0', HEADWATER_POSTGRES_PORT: '0' })
  const faces = { headwater: 'src/index.ts', 'headwater/testing': 'src/testing/index.ts' }

  beforeAll(() => {
    for (const { text } of files) {
      const [, name = ''] = /^\/\/ (\S+\.ts)$/m.exec(text) ?? []
      const file = join(project, name)
      mkdirSync(dirname(file), { recursive: true })
      const source = Object.entries(faces).reduce(
        (all, [face, path]) => all.replaceAll(`from '${face}'`, `from '${join(root, path)}'`),
        text,
      )
      writeFileSync(file, source)
    }
  })

  const inProject = (...args: string[]): Child => reader.start(process.execPath, args, { cwd: project, env })

  it('passes its test', async () => {
    const test = inProject('--test', 'account.test.ts')
    expect(await test.exited, test.output()).toBe(0)
    expect(test.output()).toMatch(/pass 1$/m)
  })

  it('is served, and called by a typed client', async () => {
    await inProject('service.ts').printed(/"msg":"ready"/, 100_000)
    const client = inProject('client.ts')
    expect(await client.exited, client.output()).toBe(0)
    expect(client.output().trim()).toBe('1')
  })
})
