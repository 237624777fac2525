import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'
import { extensionsOf } from '../graph/ask.ts'
import { type Part, asker, commandSender, overHttp, stepsOf, topologyOfFile } from './topology.ts'

const opened = topologyOfFile()

const Extensions = z.object({ headwater: z.object({ resolution: z.unknown() }) })

async function stepsFor(url: string, query: string): Promise<string[]> {
  return stepsOf(Extensions.parse(await extensionsOf(url, query)).headwater.resolution)
}

const READINESS = z.looseObject({
  status: z.string(),
  subgraphs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      schema: z.string(),
      databases: z.array(z.object({ strategy: z.string(), status: z.string() })),
      open: z.array(z.object({ strategy: z.string() }).loose()),
    }),
  ),
})

async function readiness({ origin }: Part) {
  return READINESS.parse(await (await fetch(`${origin}/health/ready`)).json())
}

describe('a process a context, and a gateway', () => {
  it('answers a query over all of them as one process does', async () => {
    const ask = asker(opened().gateway.url)
    const registered = await ask(
      'mutation { registerCustomer(id: "c-1", input: { name: "Ana", city: "Recife", state: "PE", postalCode: "50000" }) { version order { id } customer { name } } }',
    )
    expect(registered.data).toEqual({
      registerCustomer: { version: 1, order: null, customer: { name: 'Ana' } },
    })
    const added = await ask(
      'mutation { addProduct(sku: "tea", input: { name: "Tea", price: "4.50", currency: "EUR", stock: 5 }) { product { available } } }',
    )
    expect(added.data).toEqual({ addProduct: { product: { available: 5 } } })
    const created = await ask(`mutation { createOrder(id: "o-1", input: {
      customerId: "c-1", currency: "EUR", items: [{ sku: "tea", quantity: 2, unitPrice: "4.50" }] }) {
      order { status total customer { id name city orders { totalCount nodes { id } } summary { ordersPlaced } } } } }`)
    expect(created.errors).toBeUndefined()
    expect(created.at('createOrder.order.customer')).toMatchObject({
      id: 'c-1',
      name: 'Ana',
      city: 'Recife',
      orders: { totalCount: 1, nodes: [{ id: 'o-1' }] },
    })
    const found = await ask(
      `{ order(id: "o-1") { total statusHistory { status } allEvents { nodes { type } } items { sku product { name reservedFor { quantity } } } customer { name createdAt } }
         eventsOf(aggregate: "customer", id: "c-1") { nodes { type } } projections { name } }`,
    )
    expect(found.errors).toBeUndefined()
    expect(found.data).toMatchObject({
      order: {
        total: '9.00',
        statusHistory: [{ status: 'CREATED' }],
        allEvents: { nodes: [{ type: 'order.created' }] },
        items: [{ sku: 'tea', product: { name: 'Tea', reservedFor: [] } }],
        customer: { name: 'Ana' },
      },
      eventsOf: { nodes: [{ type: 'customer.registered' }] },
    })
  })

  it('takes each command where its aggregate is served, and none that nobody serves', async () => {
    const send = commandSender(opened().topology)
    // More than either process would get by chance alone.
    for (let number = 0; number < 20; number++) {
      const id = `many-${number}`
      const customer = await send(`customer.${id}.register`, { city: 'a', state: 'b', postalCode: 'c' })
      expect(customer).toMatchObject({ ok: true })
      expect(
        await send(`product.${id}.add`, { name: 'a', price: '1.00', currency: 'EUR', stock: 1 }),
      ).toMatchObject({ ok: true })
    }
    await expect(send('invoice.i-1.pay', {})).rejects.toThrow('no responders')
    expect(await send('customer.c-1.fly', {})).toMatchObject({
      ok: false,
      status: 404,
      code: 'UNKNOWN_COMMAND',
    })
  })

  it('says how each subgraph is reached', async () => {
    const state = await readiness(opened().gateway)
    expect(state).toMatchObject({
      status: 'up',
      subgraphs: [
        { name: 'customers', status: 'up', schema: 'current' },
        { name: 'shop', status: 'up', schema: 'current' },
      ],
    })
    expect(JSON.stringify(state)).not.toContain('127.0.0.1')
  })
})

const CUSTOMER_OF_ORDER = '{ order(id: "o-1") { id customer { id name } } }'

it('a killed subgraph leaves the rest of an answer, and an error that names it and not where it is (1 fault)', async () => {
  const { topology, gateway } = opened()
  await topology.customers.kill()
  const ask = asker(gateway.url)
  const partial = await ask(CUSTOMER_OF_ORDER)
  expect(partial.at('order.id')).toBe('o-1')
  expect(partial.errors).toHaveLength(1)
  expect(partial.errors?.[0]).toMatchObject({
    path: ['order', 'customer', 'name'],
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'customers' },
  })
  expect(JSON.stringify(partial)).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|localhost/)
  // Its commands are not refused for good: NATS says at once that nobody is there.
  const send = commandSender(topology, 1000)
  // As soon as it has read the end of the connection.
  await until('NATS to say so', () =>
    send('customer.c-1.register', {}).then(
      () => false,
      (error: unknown) => String(error).includes('no responders'),
    ),
  )
  expect(
    await asker(topology.shop.url)(
      'mutation { shipOrder(id: "o-0", input: { carrier: "a", trackingNumber: "b" }) { version } }',
    ),
  ).toMatchObject({ code: 'ORDER_NOT_FOUND' })
  await topology.customers.start()
  await until('the customer is there again', async () => (await ask(CUSTOMER_OF_ORDER)).errors === undefined)
})

it('goes from the database to HTTP and back, under load, and loses no request (3 faults)', async () => {
  const { topology } = opened()
  const address = new URL(topology.stack.databaseUrl)
  const proxy = await startProxy({ host: address.hostname, port: Number(address.port) })
  address.port = String(proxy.port)
  const chained = await topology.gateway(
    `${overHttp(
      topology,
      // A loaded machine may take longer than the 2 s of a step, and past the killed process there is nothing to fall back to.
      '[gateway.steps]\ntimeout_ms = 60000\n[gateway.steps.breaker]\nconsecutive_failures = 3\nopen_ms = 300\nhalf_open_calls = 2',
    )}\ndatabase_url = "\${CUSTOMERS_DATABASE_URL}"\n`,
    { CUSTOMERS_DATABASE_URL: address.href },
  )
  const query = CUSTOMER_OF_ORDER
  const served = async () => (await stepsFor(chained.url, query)).filter((step) => step.includes('Customer'))
  expect(await served()).toEqual(['customers Customer direct-db served'])

  const wrong: unknown[] = []
  const counts = [{ answers: 0 }, { answers: 0 }, { answers: 0 }, { answers: 0 }]
  const over = new AbortController()
  const expected = { order: { id: 'o-1', customer: { id: 'c-1', name: 'Ana' } } }
  const client = async (count: { answers: number }) => {
    const ask = asker(chained.url)
    while (!over.signal.aborted) {
      const { data, errors } = await ask(query)
      if (errors !== undefined || JSON.stringify(data) !== JSON.stringify(expected))
        wrong.push({ data, errors })
      count.answers++
    }
  }
  const clients = counts.map(client)

  const faults: string[] = []
  proxy.refuse()
  faults.push('database cut')
  await until('HTTP serves', async () => (await served()).at(-1) === 'customers Customer http served')
  await until('it is told', async () => {
    const state = await readiness(chained)
    return state.status === 'degraded' && state.subgraphs[0]?.databases[0]?.status === 'down'
  })
  proxy.sever()
  faults.push('database back')
  await until(
    'the database serves again',
    async () => (await served()).join() === 'customers Customer direct-db served',
  )
  // Half open, its breaker would send what comes beside a probe to the process that is killed next.
  await until('the breaker is closed', async () =>
    (await readiness(chained)).subgraphs.every(({ open }) => open.length === 0),
  )
  // What met it half open may still be on its way there; the second answer from here was asked for later.
  const before = counts.map(({ answers }) => answers)
  await until('each client has two more answers', async () =>
    counts.every(({ answers }, at) => answers >= (before[at] ?? 0) + 2),
  )
  // Nobody notices as long as its table is there.
  await topology.customers.kill()
  faults.push('subgraph killed')
  for (let run = 0; run < 20; run++) expect(await served()).toEqual(['customers Customer direct-db served'])
  await topology.customers.start()
  over.abort()
  await Promise.all(clients)
  expect(wrong).toEqual([])
  const answered = counts.reduce((sum, { answers }) => sum + answers, 0)
  expect(answered).toBeGreaterThan(50)
  expect(faults).toHaveLength(3)
  console.log(`${faults.length} faults (${faults.join(', ')}), ${answered} requests, none lost`)
  expect(await chained.end()).toBe(0)
  await proxy.close()
})

it('starts, and answers what it can, while a subgraph is away that it has known before (1 fault)', async () => {
  const { topology } = opened()
  const toml = overHttp(topology)
  const first = await topology.gateway(toml)
  await first.end()
  await topology.customers.kill()
  await first.start()
  const state = await readiness(first)
  expect(state.status).toBe('degraded')
  expect(state.subgraphs.find(({ name }) => name === 'customers')).toMatchObject({ schema: 'remembered' })
  expect((await asker(first.url)('{ order(id: "o-1") { id } }')).data).toEqual({ order: { id: 'o-1' } })
  await topology.customers.start()
  await until('its schema is read again', async () => (await readiness(first)).status === 'up')
  await first.end()
})
