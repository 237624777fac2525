// What the documents show of TypeScript compiles, beside what they take for granted (test/house/documents).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../support/child.ts'
import { writeBlocks } from './documents/write-blocks.ts'

const PAGES = ['commands', 'feed', 'graph', 'payments-and-shipping', 'reactors', 'sagas', 'transactions']

it('what the documents show of TypeScript compiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-documents-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const files = PAGES.flatMap((page) => writeBlocks(folder, page))
  expect(files.length).toBeGreaterThan(8)
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      typeRoots: [join(root, 'node_modules/@types')],
      // Blocks name what they explain, and import values and types in one way.
      noUnusedLocals: false,
      noUnusedParameters: false,
      verbatimModuleSyntax: false,
      rewriteRelativeImportExtensions: false,
    },
    include: [],
    files,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  // Else they are CommonJS to the compiler.
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
  expect(stdout).toBe('')
}, 120_000)
