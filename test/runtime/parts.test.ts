import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { startService } from '../../src/runtime/service.ts'
import { asker } from '../graph/ask.ts'
import { startTestService } from '../support/service.ts'

const part = (...serve: string[]) => ({ contexts: { serve }, gateway: { enabled: false } })

it('of several processes in one folder the first runs the servers, and the others use them', async () => {
  const host = await startTestService({ overrides: part('orders') })
  const { config } = loadConfig({
    env: {},
    cwd: host.folder,
    overrides: { http: { port: 0 }, log: { level: 'silent' }, ...part('customers') },
  })
  const guest = await startService({ config, contexts: await loadContexts(config.contexts) })
  expect(guest.endpoints).toMatchObject({ nats: host.endpoints.nats, postgres: host.endpoints.postgres })

  const registered = await asker(guest.endpoints.graph)(
    'mutation { registerCustomer(id: "c-1", input: { city: "a", state: "b", postalCode: "c" }) { customer { city } } }',
  )
  expect(registered.data).toEqual({ registerCustomer: { customer: { city: 'a' } } })
  expect((await asker(guest.endpoints.graph)('{ order(id: "o-1") { id } }')).status).toBe(400)

  // The file is the host's, from its start to its end.
  const file = join(host.config.dataDir, 'endpoints.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(host.endpoints)
  await guest.stop()
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(host.endpoints)
  expect((await asker(host.endpoints.graph)('{ order(id: "o-1") { id } }')).data).toEqual({ order: null })
  await host.stop()
  expect(existsSync(file)).toBe(false)
})
