import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mappingOf, isMappedEntity } from '../../src/graph/strategies/mapping-of.ts'
import { distinct } from '../../src/runtime/load-contexts.ts'
import { ownSubgraphs } from '../../src/runtime/federation/own-subgraphs.ts'
import { quietPort } from '../support/ports.ts'
import { asker } from '../graph/ask.ts'
import { type Child, cli, runCli, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { type Stack, startStack, uniqueName } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { CHECKOUT, aCheckout, trade } from './graph-support.ts'

const OTHERS = 'customers,orders,inventory,payments,shipping,purchases'

let stack: Stack
let folder: string
let env: Record<string, string>
const children: Child[] = []
const urls: Record<string, string> = {}

/** A process of the CLI, when it is ready; answers where it serves GraphQL. */
async function open(name: string, args: string[], toml = ''): Promise<void> {
  const cwd = mkdtempSync(join(folder, `${name}-`))
  writeFileSync(join(cwd, 'headwater.toml'), toml)
  const port = await quietPort('127.0.0.1')
  const child = startChild(process.execPath, [cli, ...args, '--port', String(port)], { cwd, env })
  children.push(child)
  await child.printed(/"graph":"([^"]+)"/)
  urls[name] = `http://127.0.0.1:${port}/graphql`
}

const gatewayToml = (sagas: string) => `
[gateway]
debug = true
poll_ms = 200
timeout_ms = 60000
operation_timeout_ms = 60000
[gateway.steps]
timeout_ms = 60000
[[federation.subgraphs]]
name = "shop"
graphql_url = "${urls['shop']}"
[[federation.subgraphs]]
name = "sagas"
graphql_url = "${urls['sagas']}"
${sagas}`

beforeAll(async () => {
  stack = await startStack()
  folder = mkdtempSync(join(tmpdir(), 'headwater-sagas-'))
  const namespace = uniqueName()
  env = {
    ...cleanEnv(),
    NATS_URL: stack.natsUrl,
    DATABASE_URL: stack.databaseUrl,
    SAGAS_DATABASE_URL: stack.databaseUrl,
    HEADWATER_NAMESPACE: namespace,
    HEADWATER_POSTGRES_SCHEMA: namespace,
    HEADWATER_LOG_FORMAT: 'json',
    HEADWATER_COMMANDS_TIMEOUT_MS: '50000',
  }
  await open('shop', ['start', '--contexts', OTHERS, '--no-gateway'])
  await open('sagas', ['start', '--contexts', 'sagas', '--no-gateway'])
  await open('http', ['gateway'], gatewayToml(''))
  await open('database', ['gateway'], gatewayToml('database_url = "${SAGAS_DATABASE_URL}"'))
  const added = await asker(urls['http'] ?? '')(
    'mutation { addProduct(sku: "tea", input: { name: "Sencha", price: "4.50", currency: "EUR", stock: 50 }) { version } }',
  )
  expect(added.errors).toBeUndefined()
})

afterAll(async () => {
  for (const child of children.toReversed()) {
    child.process.kill('SIGTERM')
    await child.exited
  }
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (gateway: string, query: string, variables: Record<string, unknown> = {}) =>
  asker(urls[gateway] ?? '')(query, { variables })

const SAGA = `key id name status currentStep startedAt updatedAt finishedAt version input
  steps { name status attempts startedAt finishedAt error { code detail status } waitsFor until }
  compensations { name status attempts startedAt finishedAt error { code detail status } until } reason { code detail }`

describe('the context sagas as a part of its own', () => {
  it('runs a checkout that another part has begun, and shows it beside the order', async () => {
    const done = await ask('http', CHECKOUT, { id: 'f-1', input: aCheckout(), wait: true })
    expect(done.errors).toBeUndefined()
    expect(done.at('checkout.saga')).toMatchObject({ key: 'checkout.f-1', status: 'COMPLETED', version: 14 })
    const answer = await until('the rows to be there', async () => {
      const found = await ask(
        'http',
        '{ order(id: "f-1") { status saga { status steps { name } allEvents { nodes { type } } } } saga(id: "f-1") { name } }',
      )
      return (
        found.at('order.saga.status') === 'COMPLETED' && found.at('order.status') === 'CONFIRMED' && found
      )
    })
    expect(answer.at('order.saga.steps')).toHaveLength(6)
    expect(answer.at('order.saga.allEvents.nodes')).toHaveLength(14)
  })

  it('a checkout that is undone is an error with its code, and what was compensated, through the gateway', async () => {
    const input = aCheckout({ method: 'card-declined' })
    const { errors } = await ask('http', CHECKOUT, { id: 'f-2', input, wait: true })
    expect(errors).toMatchObject([
      {
        path: ['checkout'],
        extensions: {
          code: 'PAYMENT_DECLINED',
          status: 422,
          saga: { step: 'authorize-payment', compensated: ['reserve-items', 'create-order'] },
        },
      },
    ])
  })

  it('answers the same through a gateway that can read its tables, and over HTTP alone', async () => {
    const query = `{ order(id: "f-2") { saga { ${SAGA} } } }`
    const expected = await until('the row to be there', async () => {
      const found = await ask('http', query)
      return found.at('order.saga.status') === 'COMPENSATED' && found
    })
    const { data, errors } = await ask('database', query)
    expect(errors).toBeUndefined()
    expect(data).toEqual(expected.data)
  })

  it('composes: headwater graph check', async () => {
    const { code, stdout, stderr } = await runCli(['graph', 'check', '--json'], { cwd: folder, env })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('sagas')
  })
})

it('a saga can be read out of its table by its key, all but its history', () => {
  const own = ownSubgraphs(distinct([trade])).get('sagas')
  const entities = own?.graphs.flatMap((graph) => graph.entities ?? []).filter(isMappedEntity) ?? []
  const [mapping] = own ? entities.map((entity) => mappingOf(entity, own)) : []
  expect(mapping).toMatchObject({ type: 'Saga', table: 'tb_saga_projection', key: { key: 'id' } })
  expect(mapping?.fields['id']?.column).toBe('saga_id')
  expect(Object.keys(mapping?.fields ?? {})).toEqual(
    expect.arrayContaining(['key', 'steps', 'compensations', 'reason', 'input', 'status']),
  )
  expect(mapping?.fields['allEvents']).toBeUndefined()
})
