import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Servers, startServers } from './servers.ts'
import { anOrder, openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const CREATE = `mutation ($id: ID, $input: CreateOrderInput!, $commandId: ID, $expectedVersion: Int) {
  createOrder(id: $id, input: $input, commandId: $commandId, expectedVersion: $expectedVersion) {
    aggregate id version position { stream sequence } events { id type version time } duplicate
  }
}`

describe('a mutation', () => {
  it('sends the command and answers where its events stand', async () => {
    const shop = await openShop(servers)
    const { data, errors, status } = await shop.ask(CREATE, { variables: { id: 'o-1', input: anOrder() } })
    expect(errors).toBeUndefined()
    expect(status).toBe(200)
    expect(data).toEqual({
      createOrder: {
        aggregate: 'order',
        id: 'o-1',
        version: 1,
        position: { stream: shop.homes.get('order')?.log.stream, sequence: 1 },
        events: [
          { id: expect.any(String), type: 'order.created', version: 1, time: expect.stringMatching(/Z$/) },
        ],
        duplicate: false,
      },
    })
  })

  it('is there for every command', async () => {
    const shop = await openShop(servers)
    const steps = [
      'registerCustomer(id: "c-1", input: { city: "Porto", state: "PT", postalCode: "4000" })',
      'changeCustomerAddress(id: "c-1", input: { city: "Faro", state: "PT", postalCode: "8000" })',
      'createOrder(id: "o-1", input: { customerId: "c-1", currency: "EUR", items: [{ sku: "s", quantity: 1, unitPrice: "1.00" }] })',
      'confirmOrder(id: "o-1", expectedVersion: 1)',
      'shipOrder(id: "o-1", input: { carrier: "DHL", trackingNumber: "1" })',
      'deliverOrder(id: "o-1")',
      'createOrder(id: "o-2", input: { customerId: "c-1", currency: "EUR", items: [{ sku: "s", quantity: 1, unitPrice: "1.00" }], shippingCost: null })',
      'cancelOrder(id: "o-2", input: { reason: "too late" })',
    ]
    const versions: unknown[] = []
    for (const step of steps) {
      const { data, errors } = await shop.ask(`mutation { result: ${step} { version } }`)
      expect(errors, step).toBeUndefined()
      versions.push(data)
    }
    expect(versions).toEqual([1, 2, 1, 2, 3, 4, 1, 2].map((version) => ({ result: { version } })))
    const { data } = await shop.ask(
      '{ customer(id: "c-1") { city orders { nodes { id status total } } } order(id: "o-2") { shippingCost } }',
    )
    expect(data).toMatchObject({ customer: { city: 'Faro' }, order: { shippingCost: '0.00' } })
  })

  it('makes up an id; out of the commandId the same one again', async () => {
    const shop = await openShop(servers)
    const idOf = async (variables: object) =>
      (await shop.ask(CREATE, { variables: { input: anOrder(), ...variables } })).at('createOrder.id')
    const [one, other] = [await idOf({}), await idOf({})]
    expect(one).toMatch(/^[\w-]{36}$/)
    expect(other).not.toBe(one)
    const derived = await idOf({ commandId: 'k-1' })
    expect(derived).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    await idOf({ commandId: 'k-1' })
    await idOf({ commandId: 'k-2' })
    const ids = shop.sent.slice(2).map(({ id, commandId }) => ({ id, commandId }))
    expect(ids).toEqual([
      { id: derived, commandId: 'k-1' },
      { id: derived, commandId: 'k-1' },
      { id: expect.not.stringMatching(String(derived)), commandId: 'k-2' },
    ])
  })

  it('hands the headers of the command on', async () => {
    const shop = await openShop(servers)
    await shop.ask(CREATE, {
      variables: { id: 'o-1', input: anOrder(), commandId: 'k-1', expectedVersion: 0 },
      headers: { 'correlation-id': 'trace-7' },
    })
    expect(shop.sent).toMatchObject([{ commandId: 'k-1', expectedVersion: 0, correlationId: 'trace-7' }])
    const { data } = await shop.ask(
      '{ order(id: "o-1") { allEvents { nodes { commandId correlationId } } } }',
    )
    expect(data).toEqual({
      order: { allEvents: { nodes: [{ commandId: 'k-1', correlationId: 'trace-7' }] } },
    })
  })

  it('that is refused says why as the service does', async () => {
    const shop = await openShop(servers)
    await shop.command('order', 'o-1', 'create', anOrder())
    const ship =
      'mutation { shipOrder(id: "o-1", input: { carrier: "DHL", trackingNumber: "1" }) { version } }'
    const refused = await shop.ask(ship)
    expect(refused.status).toBe(200)
    expect(refused.data).toBeNull()
    expect(refused.errors).toEqual([
      {
        message: 'The order o-1 is created; it cannot be shipped before it is confirmed',
        path: ['shipOrder'],
        extensions: { code: 'ORDER_NOT_CONFIRMED', status: 422, errors: [] },
      },
    ])
    const invalid = await shop.ask(CREATE, {
      variables: { id: 'o-2', input: anOrder({ currency: 'euros' }) },
    })
    expect(invalid.errors).toMatchObject([
      { extensions: { code: 'INVALID_COMMAND', status: 400, errors: [{ path: 'currency' }] } },
    ])
    const late = await shop.ask('mutation { confirmOrder(id: "o-1", expectedVersion: 7) { version } }')
    expect(late.errors?.[0]?.extensions).toMatchObject({
      code: 'WRONG_EXPECTED_VERSION',
      status: 409,
      actualVersion: 1,
    })
  })

  it('takes no command id that could not be a header', async () => {
    const shop = await openShop(servers)
    const variables = { input: anOrder(), commandId: 'a\r\nExpected-Version: 0' }
    expect((await shop.ask(CREATE, { variables })).code).toBe('BAD_USER_INPUT')
    expect(shop.sent).toEqual([])
  })

  it('of several in one request runs one after the other', async () => {
    const shop = await openShop(servers)
    const { data, errors } = await shop.ask(
      `mutation ($input: CreateOrderInput!) { createOrder(id: "o-1", input: $input) { version } confirmOrder(id: "o-1") { version } }`,
      { variables: { input: anOrder() } },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({ createOrder: { version: 1 }, confirmOrder: { version: 2 } })
  })
})
