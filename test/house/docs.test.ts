import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { configurationDoc } from '../../src/runtime/config/document.ts'

it('docs/configuration.md is what the schema says', () => {
  const file = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url))
  expect(readFileSync(file, 'utf8')).toBe(configurationDoc())
})
