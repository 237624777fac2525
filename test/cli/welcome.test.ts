import { tmpdir } from 'node:os'
import { expect, it, vi } from 'vitest'
import { printWelcome } from '../../src/cli/welcome.ts'
import { type ConfigOverrides, loadConfig } from '../../src/runtime/config/index.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { account } from '../../src/domains/ledger/aggregate.ts'
import { defineContext } from '../../src/runtime/define-context.ts'

const endpoints = {
  graph: 'http://127.0.0.1:4000/graphql',
  nats: 'nats://127.0.0.1:4222',
  postgres: 'postgres://headwater:secret@127.0.0.1:5432/headwater',
}

it('says what runs where without its password, and tells the shop as a story up to a saga', async () => {
  const { config } = loadConfig({ env: {} })
  const said = welcome(await loadContexts(config.contexts))
  expect(said).toContain(endpoints.graph)
  expect(said).not.toContain('secret')
  for (const next of ['command order o-1 create', 'command checkout c-1 start --wait', 'sagas show c-1'])
    expect(said).toContain(`npx headwater ${next}`)
})

it('names the first command of a domain of one’s own', () => {
  const said = welcome([defineContext({ name: 'mine', aggregates: [account] })])
  expect(said).toMatch(/npx headwater command account <id> \S+ '<JSON>'/)
  expect(said).not.toContain('order')
})

it('speaks of GraphiQL where it is served alone, and says nothing into a log of JSON lines', () => {
  expect(welcome([])).toContain('GraphiQL')
  expect(welcome([], { http: { graphiql: false } })).toMatch(/GraphQL +http/)
  expect(welcome([], { http: { graphiql: false } })).not.toContain('GraphiQL')
  expect(welcome([], { log: { format: 'json' } })).toBe('')
})

function welcome(contexts: Parameters<typeof printWelcome>[1], overrides: ConfigOverrides = {}): string {
  let said = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
  try {
    printWelcome({ endpoints }, contexts, loadConfig({ env: {}, cwd: tmpdir(), overrides }).config)
  } finally {
    write.mockRestore()
  }
  return said
}
