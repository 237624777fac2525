import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { documents } from '../../scripts/documents.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('the documents that are made from the sources are what the sources say', () => {
  const made = documents()
  const current = [...made].map(([path]) => [path, readFileSync(`${root}${path}`, 'utf8')] as const)
  expect(new Map(current)).toEqual(made)
})
