import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { documents } from '../../scripts/documents.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let made: ReadonlyMap<string, string>

beforeAll(async () => {
  made = await documents()
})

it('what is made from the sources is what the sources say: run node scripts/make-docs.ts', () => {
  expect(made.size).toBeGreaterThan(10)
  const outdated = [...made].filter(([path, text]) => readFileSync(`${root}${path}`, 'utf8') !== text)
  expect(outdated.map(([path]) => path)).toEqual([])
})

it('no schema is left over from a context that is gone', () => {
  const files = globSync('docs/schema/**/*.graphql', { cwd: root })
  expect(files.toSorted()).toEqual([...made.keys()].filter((path) => path.endsWith('.graphql')).toSorted())
})
