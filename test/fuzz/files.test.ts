import * as fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseBulkLine } from '../../src/cli/bulk-line.ts'
import { readManifest } from '../../src/graph/limits/manifest.ts'
import { readSupergraph } from '../../src/graph/gateway/supergraph.ts'
import { composeSupergraph } from '../../src/graph/supergraph/compose-supergraph.ts'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { readEndpoints } from '../../src/runtime/endpoints-file.ts'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { runCli } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { runs } from './fuzzing.ts'
import { oddJson, oddText, oddValue } from './hostile.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-files-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is thrown is ours, and says what is wrong. */
async function typed(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    expect(error).toBeInstanceOf(HeadwaterError)
  }
}

const content = fc.oneof(
  oddJson,
  oddText,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)

describe('whatever is in a file', () => {
  it('a line for send is a command, or there is a reason why not', () => {
    const nearly = fc.record(
      {
        aggregate: oddValue,
        id: oddValue,
        command: oddValue,
        data: oddValue,
        commandId: oddValue,
        occurredAt: oddValue,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          content,
          nearly.map((one) => JSON.stringify(one)),
        ),
        (line) => {
          const parsed = parseBulkLine(line, 'a file:1')
          expect(typeof parsed).toBe('object')
        },
      ),
      runs(300),
    )
  })

  it('endpoints.json and headwater.toml', async () => {
    await fc.assert(
      fc.asyncProperty(content, async (text) => {
        writeFileSync(join(folder, 'endpoints.json'), text)
        await readEndpoints(folder)
        writeFileSync(join(folder, 'headwater.toml'), text)
        await typed(() => loadConfig({ env: {}, cwd: folder }))
      }),
      runs(200),
    )
  })

  it('a list of operations, an SDL, a supergraph', async () => {
    const file = join(folder, 'manifest.json')
    await fc.assert(
      fc.asyncProperty(content, async (text) => {
        writeFileSync(file, text)
        await typed(() => readManifest(file))
        await typed(() => composeSupergraph([{ name: 'a', url: 'http://a', sdl: text }]))
        await typed(() => readSupergraph(text))
      }),
      runs(100),
    )
  })
})

describe('whatever is said on the command line', () => {
  it('ends with a code of ours and no stack', async () => {
    writeFileSync(join(folder, 'headwater.toml'), '')
    writeFileSync(join(folder, 'endpoints.json'), '')
    const word = oddText.map((text) => text.replaceAll('\0', '').slice(0, 500))
    const words = fc.oneof(
      fc.array(word, { maxLength: 3 }),
      fc
        .tuple(
          fc.constantFrom(
            'command',
            'history',
            'send',
            'projections',
            'sagas',
            'graph',
            'new',
            'feed',
            'tail',
            'config',
          ),
          fc.array(fc.oneof(word, fc.constantFrom('--json', '--url', 'list', 'print', 'status', '--', '-')), {
            maxLength: 3,
          }),
        )
        .map(([first, rest]) => [first, ...rest]),
    )
    await fc.assert(
      fc.asyncProperty(words, async (args) => {
        const { code, stderr } = await runCli(args, { cwd: folder, env: cleanEnv(), input: '{}' })
        expect([0, 1]).toContain(code)
        expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
      }),
      runs(10),
    )
  })
})
