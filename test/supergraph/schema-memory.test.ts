import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { schemaMemory } from '../../src/graph/supergraph/schema-memory.ts'

const URL_OF = 'http://orders.invalid/graphql'

function memoryIn() {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-schemas-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, memory: schemaMemory(folder) }
}

it('has what was kept of a subgraph, and nothing of another at the same name', async () => {
  const { memory } = memoryIn()
  expect(await memory.recall('orders', URL_OF)).toBeUndefined()
  await memory.keep('orders', URL_OF, 'type Query { one: Int }')
  expect(await memory.recall('orders', URL_OF)).toBe('type Query { one: Int }')
  expect(await memory.recall('orders', 'http://elsewhere.invalid/graphql')).toBeUndefined()
})

it('knows nothing where a machine that went away has left an empty file', async () => {
  const { folder, memory } = memoryIn()
  await memory.keep('orders', URL_OF, 'type Query { one: Int }')
  for (const file of readdirSync(folder)) truncateSync(join(folder, file))
  expect(await memory.recall('orders', URL_OF)).toBeUndefined()
})
