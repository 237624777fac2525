import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectClient } from '../../src/runtime/connect-client.ts'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { startTestService } from '../support/service.ts'

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => {
  service = await startTestService()
})
afterAll(async () => {
  await service.stop()
})

const address = { city: 'Faro', state: 'FA', postalCode: '8000' }

it('finds the service that runs with this data folder, and calls it typed', async () => {
  const { client, close } = await connectClient([customer], { config: { dataDir: service.config.dataDir } })
  expect(await client.customer('c-1').register(address)).toMatchObject({ ok: true, version: 1 })
  await close()
})

it('says so where none runs', async () => {
  const nowhere = { config: { dataDir: `${service.folder}/nowhere` } }
  await expect(connectClient([customer], nowhere)).rejects.toMatchObject({ code: 'NO_SERVICE' })
})

it('sends who asks for / to the graph', async () => {
  const response = await fetch(new URL('/', service.endpoints.graph), { redirect: 'manual' })
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toBe('/graphql')
})
