import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Servers, startServers } from './servers.ts'
import { openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

it('follows GraphQL over HTTP: every audit of graphql-http passes', async () => {
  const { url } = await openShop(servers)
  const results = await auditServer({ url, fetchFn: fetch })
  const failed = results
    .filter(({ status }) => status !== 'ok')
    .map(({ id, name, status }) => ({ id, name, status }))
  expect(failed).toEqual([])
  expect(results).toHaveLength(61)
})
