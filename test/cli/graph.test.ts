import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema } from 'graphql/index.js'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadContexts } from '../../src/runtime/load-contexts.ts'
import { ownSubgraphs } from '../../src/runtime/federation/own-subgraphs.ts'
import { quietPort } from '../support/ports.ts'
import { runCli } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])'
const REVIEWS = `${LINK}
  type Query { review(id: ID!): Review }
  type Review @key(fields: "id") { id: ID!  text: String  stars: Int!  words(min: Int): Int }`

const folder = mkdtempSync(join(tmpdir(), 'headwater-graph-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const PASSWORD = 's3cr3t-pass'
const env = cleanEnv({
  CUSTOMERS_DATABASE_URL: `postgres://reader:${PASSWORD}@127.0.0.1:1/shop`,
  REVIEWS_URL: `http://user:${PASSWORD}@127.0.0.1:1/graphql`,
})

/** Runs `headwater graph …` with this headwater.toml. No output of any test may hold a password. */
async function graph(toml: string, ...args: string[]) {
  write('headwater.toml', toml)
  const done = await runCli(['graph', ...args], { cwd: folder, env })
  expect(done.stdout + done.stderr).not.toContain(PASSWORD)
  return { ...done, rows: done.stdout.split('\n').map((line) => line.split(/ {2,}/).join(' ')) }
}

const subgraph = (name: string, ...lines: string[]) =>
  ['[[federation.subgraphs]]', `name = "${name}"`, ...lines, ''].join('\n')
const elsewhere = (name: string) => [
  `graphql_url = "http://127.0.0.1:1/${name}"`,
  `schema = "${name}.graphql"`,
]
const STAR = ['orders', 'inventory'].map((name) => subgraph(name, ...elsewhere(name))).join('')

beforeAll(async () => {
  const contexts = await loadContexts({ modules: [], builtin: true, serve: [] })
  for (const { name, sdl } of ownSubgraphs(contexts).values()) write(`${name}.graphql`, sdl)
  write('reviews.graphql', REVIEWS)
})

describe('headwater graph check', () => {
  it('composes all contexts, each served in the process, when nothing else is configured', async () => {
    const { code, rows } = await graph('', 'check')
    expect(code).toBe(0)
    expect(rows).toContain('customers Query * local')
    expect(rows).toContain('orders Customer summary local')
    expect(rows).toContain('orders Order statusHistory local')
    // Only referred to: orders resolves no product.
    expect(rows.filter((row) => row.startsWith('orders Product'))).toEqual([])
    expect(rows.filter((row) => row.startsWith('orders Customer name'))).toEqual([])
  })

  it('says of a gateway by what each field is served: its column, or the subgraph', async () => {
    const customers = subgraph(
      'customers',
      ...elsewhere('customers'),
      'database_url = "${CUSTOMERS_DATABASE_URL}"',
    )
    const { code, rows } = await graph(STAR + customers, 'check', '--gateway')
    expect(code).toBe(0)
    expect(rows).toContain('customers Customer name direct-db → http')
    expect(rows).toContain('customers Customer allEvents http')
    expect(rows).toContain('customers Mutation * http')
    expect(rows).toContain('orders Order total http')
    expect(rows.join('\n')).not.toContain('warning')
    // The same configuration in a service, which serves these contexts itself.
    const { rows: own } = await graph(STAR + customers, 'check')
    expect(own).toContain('orders Order total local')
    expect(own).toContain('customers Query * local → http')
    expect(own).toContain('customers Customer name local')
    expect(own.join('\n')).toContain(
      'warning: [customers] database_url is configured, and no type is read by direct-db',
    )
    const part = await graph(STAR + customers, 'check', '--contexts', 'orders,inventory', '--json')
    expect(JSON.parse(part.stdout)).toMatchObject({
      ok: true,
      as: 'start',
      subgraphs: expect.arrayContaining([
        { name: 'customers', reached: 'http' },
        { name: 'orders', reached: 'here' },
      ]),
      problems: [],
      fields: expect.arrayContaining([
        { subgraph: 'customers', type: 'Customer', field: 'name', strategies: ['direct-db', 'http'] },
      ]),
    })
  })

  it('tells every reason for which subgraphs do not compose, with its rule and subgraph, and fails', async () => {
    write(
      'bad.graphql',
      `${LINK} type Query { review(id: ID!): Review }
       type Review @key(fields: "nope") { id: ID! } type Other @key(fields: "none") { id: ID! }`,
    )
    const toml = subgraph('reviews', ...elsewhere('reviews'))
    const { code, stdout } = await graph(toml, 'check', '--gateway', '--schema', 'reviews=bad.graphql')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^error: KEY_INVALID_FIELDS: \[reviews\] On type "Review"/m)
    expect(stdout).toMatch(/^error: KEY_INVALID_FIELDS: \[reviews\] On type "Other"/m)
    expect((await graph(toml, 'check', '--gateway')).code).toBe(0)
  })

  it('tries a changed schema of a context that is served here, too', async () => {
    write('fewer.graphql', `${LINK} type Query { customer(id: ID!): Customer } type Customer { id: ID! }`)
    const { code, stdout } = await graph('', 'check', '--json', '--schema', 'customers=fewer.graphql')
    expect(code).toBe(1)
    const { ok, problems }: { ok: boolean; problems: { code: string }[] } = JSON.parse(stdout)
    expect(ok).toBe(false)
    expect(problems.map((one) => one.code)).toContain('INVALID_FIELD_SHARING')
  })

  it('names what it cannot read or parse, whatever else there is', async () => {
    write('torn.graphql', 'type Query {')
    const away = subgraph('reviews', 'graphql_url = "${REVIEWS_URL}"')
    const torn = subgraph('torn', 'graphql_url = "http://127.0.0.1:1/"', 'schema = "torn.graphql"')
    const missing = await graph(away + torn, 'check', '--gateway')
    expect(missing).toMatchObject({ code: 1 })
    expect(missing.stdout).toMatch(/^error: SUBGRAPH_SCHEMA_UNAVAILABLE: \[reviews\]/m)
    expect(missing.stdout).not.toContain('127.0.0.1')
    const parsed = await graph(away + torn, 'check', '--gateway', '--schema', 'reviews=reviews.graphql')
    expect(parsed.stdout).toMatch(/^error: INVALID_GRAPHQL: \[torn\] Syntax Error.* \(.*torn\.graphql:1\)$/m)
    const unknown = await graph(away, 'check', '--gateway', '--schema', 'review=reviews.graphql')
    expect(unknown.stderr).toContain('UNKNOWN_SUBGRAPH: There is no subgraph "review"; there are reviews')
    expect((await graph('', 'check', '--gateway')).stderr).toContain('FEDERATION_INVALID')
  })

  it.each([
    ['type', 'Rewiev', 'fields = { text = "body" }', /has no type Rewiev.* \(.*reviews\.graphql\)$/m],
    ['field', 'Review', 'fields = { txet = "body" }', /has no field txet.* \(.*reviews\.graphql:3\)$/m],
    [
      'column',
      'Review',
      'fields = { words = "words" }',
      /^error: .*Review\.words.* \(.*reviews\.graphql:5\)$/m,
    ],
  ])('says where in the file the schema of a table is that has no such %s', async (_, type, fields, said) => {
    write(
      'reviews.graphql',
      `${LINK}
type Query { review(id: ID!): Review }
type Review @key(fields: "id") {
  id: ID!
  words: [String!]
}`,
    )
    const lines = [
      'schema = "reviews.graphql"',
      'database_url = "sqlite:reviews.db"',
      `[federation.subgraphs.entities.${type}]`,
      'table = "review"',
      'key = { id = "id" }',
      fields,
    ]
    const { code, stdout } = await graph(subgraph('reviews', ...lines), 'check', '--gateway')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^error: FEDERATION_INVALID: /m)
    expect(stdout).toMatch(said)
    write('reviews.graphql', REVIEWS)
  })

  it('reads tables that are configured, and warns of what has no effect or is out of reach', async () => {
    const lines = [
      'schema = "reviews.graphql"',
      'database_url = "sqlite:reviews.db"',
      'strategies = { Review = ["direct-db"], Rewiev = ["direct-db"] }',
      '[federation.subgraphs.entities.Review]',
      'table = "review"',
      'key = { text = "body" }',
      'fields = { id = "id", text = "body" }',
    ]
    write('reviews.db', '')
    // Its type is misspelt, and has no table then: the gateway would not start.
    const misspelt = await graph(subgraph('reviews', ...lines), 'check', '--gateway')
    expect(misspelt.code).toBe(1)
    expect(misspelt.stdout).toMatch(/^error: FEDERATION_INVALID: \[reviews\] Rewiev .*\.entities\.Rewiev$/m)

    const right = lines.join('\n').replace(', Rewiev = ["direct-db"]', '')
    const { code, rows, stdout } = await graph(subgraph('reviews', right), 'check', '--gateway')
    expect(code).toBe(0)
    expect(rows).toContain('reviews Review text direct-db')
    expect(rows).toContain('reviews Review stars none')
    expect(stdout).toContain('warning: [reviews] Review.stars, words cannot be had by any strategy')
    expect(stdout).toContain('warning: [reviews] fields of Query cannot be had by any strategy')
    expect(stdout).toContain('warning: [reviews] Review is looked up in its table by text, which is no key')

    const http = [...elsewhere('reviews'), 'strategies = { Rewiev = ["http"] }']
    const stray = await graph(subgraph('reviews', ...http), 'check', '--gateway')
    expect(stray.code).toBe(0)
    expect(stray.stdout).toContain('warning: [reviews] Rewiev has strategies or a table, and is no entity')
  })
})

describe('headwater graph check of the engine mercurius', () => {
  const ENGINE = '[gateway]\nengine = "mercurius"\n'

  it('says what that engine cannot serve', async () => {
    expect((await graph(ENGINE, 'check')).code).toBe(0)
    write(
      'keys.graphql',
      `${LINK} type Query { review(id: ID!): Review } type Review @key(fields: "book { id }") { book: Book! }
       type Book @key(fields: "id") { id: ID! }`,
    )
    const nested = subgraph('reviews', 'graphql_url = "http://127.0.0.1:1/"', 'schema = "keys.graphql"')
    const unsuited = await graph(ENGINE + nested, 'check', '--gateway')
    expect(unsuited.code).toBe(1)
    expect(unsuited.stdout).toMatch(/^error: GATEWAY_ENGINE_UNSUITED: /m)
    expect((await graph(nested, 'check', '--gateway')).code).toBe(0)
    await graph('', 'print', '--out', 'composed.graphql')
    const composed = await graph(ENGINE, 'check', '--supergraph', 'composed.graphql')
    expect(composed.stdout).toMatch(/^error: GATEWAY_ENGINE_UNSUITED: /m)
  })
})

describe('headwater graph print', () => {
  it('prints the supergraph, which can be checked and served by itself, and what clients see of it', async () => {
    const { code, stdout } = await graph('', 'print', '--out', 'supergraph.graphql')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const printed = await graph('', 'print')
    expect(printed.stdout).toBe(readFileSync(join(folder, 'supergraph.graphql'), 'utf8'))
    expect(printed.stdout).toContain('@join__graph(name: "inventory"')
    const served = await graph('', 'check', '--supergraph', 'supergraph.graphql')
    expect(served.code).toBe(0)
    expect(served.rows).toContain('orders Order total local')
    const composed = await graph('', 'check', '--supergraph', 'supergraph.graphql', '--schema', 'orders=x')
    expect(composed.stderr).toContain('FEDERATION_INVALID')

    const seen = await graph('', 'print', '--public')
    expect(seen.stdout).not.toMatch(/join__|_entities|_service/)
    expect(Object.keys(buildSchema(seen.stdout).getType('Customer')?.toConfig() ?? {})).toContain('fields')
    expect(seen.stdout).toMatch(/type Customer \{[^}]*summary/)
  })

  it('says no supergraph that is none', async () => {
    write('none.graphql', REVIEWS)
    const { code, stdout } = await graph('', 'check', '--supergraph', 'none.graphql')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^error: INVALID_SUPERGRAPH: /m)
  })

  it('prints the SDL of one subgraph', async () => {
    const { stdout } = await graph('', 'print', '--subgraph', 'customers')
    expect(stdout).toContain('type Customer @key(fields: "id")')
    expect(stdout).not.toContain('type Order ')
    write('printed.graphql', stdout)
    const again = await graph('', 'print', '--subgraph', 'customers', '--schema', 'customers=printed.graphql')
    expect(again.stdout).toBe(stdout)
    expect((await graph('', 'check', '--schema', 'customers=printed.graphql')).code).toBe(0)
    const unknown = await graph('', 'print', '--subgraph', 'nobody')
    expect(unknown.stderr).toMatch(/there are .*customers, inventory, .*orders/)
    expect(unknown.code).toBe(1)
  })

  it('leaves secrets of addresses out of the supergraph, and tells why there is none', async () => {
    const reviews = subgraph('reviews', 'graphql_url = "${REVIEWS_URL}"', 'schema = "reviews.graphql"')
    const { stdout } = await graph(reviews, 'print', '--gateway')
    expect(stdout).toContain('@join__graph(name: "reviews", url: "http://127.0.0.1:1/graphql")')
    write('given.graphql', stdout.replace('//127.0.0.1:1/graphql', `//user:${PASSWORD}@127.0.0.1:1/graphql`))
    expect((await graph('', 'print', '--supergraph', 'given.graphql')).stdout).toBe(stdout)
    const failed = await graph(reviews, 'print', '--gateway', '--schema', 'reviews=torn.graphql')
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('error: INVALID_GRAPHQL: [reviews]')
  })
})

describe('of a service that runs', () => {
  let service: Awaited<ReturnType<typeof startTestService>>
  const told = { sdl: REVIEWS }
  const reviews = createServer((_, response) =>
    response.end(JSON.stringify({ data: { _service: { sdl: told.sdl } } })),
  )

  beforeAll(async () => {
    const port = await quietPort('127.0.0.1')
    await new Promise<void>((resolve) => reviews.listen(port, '127.0.0.1', resolve))
    service = await startTestService({
      overrides: {
        gateway: { pollMs: 50 },
        federation: {
          subgraphs: [
            {
              name: 'reviews',
              graphqlUrl: `http://127.0.0.1:${port}/graphql`,
              databaseUrl: `postgres://reader:${PASSWORD}@127.0.0.1:1/reviews`,
              entities: {
                Review: { table: 'review', key: { id: 'id' }, fields: { text: { column: 'text' } } },
              },
            },
          ],
        },
      },
    })
  }, 120_000)
  afterAll(async () => {
    await service.stop()
    reviews.close()
  })

  const headwater = (...args: string[]) => runCli(args, { cwd: service.folder, env: service.env })

  it('status says how each subgraph is reached, and why the newest schema is not taken', async () => {
    const expected = [
      'orders up current - -',
      'reviews degraded current direct-db down -',
      'The graph is degraded.',
    ]
    const shown = await until(`the status with ${expected.join(', ')}`, async () => {
      const { code, stdout } = await headwater('graph', 'status')
      const rows = stdout.split('\n').map((line) => line.split(/ {2,}/).join(' '))
      return expected.every((row) => rows.includes(row)) && { code }
    })
    expect(shown.code).toBe(0)

    told.sdl = REVIEWS.replace('fields: "id"', 'fields: "gone"')
    const state = await until('the rejection', async () => {
      const asked = await headwater('graph', 'status', '--json', '--url', service.endpoints.graph)
      if (asked.stdout === '') return undefined
      const ready: { schemaRejected?: string } = JSON.parse(asked.stdout)
      return ready.schemaRejected !== undefined && ready
    })
    expect(state.schemaRejected).toContain('gone')
    expect((await headwater('graph', 'status')).stdout).toMatch(/not taken.*gone/s)
    told.sdl = REVIEWS
  })

  it('status fails, and says what to do, when nothing is there or it is something else', async () => {
    const nowhere = await runCli(['graph', 'status'], { cwd: folder, env })
    expect(nowhere).toMatchObject({ code: 1 })
    expect(nowhere.stderr).toMatch(/NO_SERVICE.*--url/)
    const { port } = new URL(service.endpoints.nats)
    const other = await headwater('graph', 'status', '--url', `http://127.0.0.1:${port}`)
    expect(other).toMatchObject({ code: 1 })
    expect(other.stderr).toContain('NO_ANSWER')
    expect((await headwater('graph', 'status', '--url', 'http://a:b@localhost')).stderr).toContain(
      'without user',
    )
  })

  it('status fails while the service is not ready', async () => {
    const server = createServer((_, response) => {
      response.statusCode = 503
      response.end(JSON.stringify({ status: 'draining', projections: [] }))
    })
    const port = await quietPort('127.0.0.1')
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const { code, stdout } = await headwater('graph', 'status', '--url', `http://127.0.0.1:${port}/graphql`)
    server.close()
    expect(stdout).toContain('The graph is draining.')
    expect(code).toBe(1)
  })

  it('fdw-setup prints SQL that makes the tables of a context readable, its password only when asked to', async () => {
    write(
      'headwater.toml',
      subgraph(
        'customers',
        'graphql_url = "http://127.0.0.1:1/"',
        'database_url = "${CUSTOMERS_DATABASE_URL}"',
      ),
    )
    const address = new URL(service.endpoints.postgres)
    const own = { ...env, CUSTOMERS_DATABASE_URL: address.href }
    const run = (...args: string[]) => runCli(['graph', 'fdw-setup', ...args], { cwd: folder, env: own })
    const plain = await run('customers', '--role', 'reader', '--schema', 'far')
    expect(plain.stdout).toContain(`password :'remote_password'`)
    expect(plain.stdout).not.toContain(decodeURIComponent(address.password))
    expect(plain.stdout).toContain('grant usage on schema "far" to "reader"')
    expect(plain.stderr).toContain('fdw_schema = "far"')

    const { stdout } = await run('customers', '--show-password')
    const client = new Client({ connectionString: address.href })
    await client.connect()
    try {
      await client.query(stdout)
      const { rows } = await client.query('select id, name from fdw_customers.tb_customer_projection')
      expect(rows).toEqual([])
    } finally {
      await client.end()
    }
  })

  it('fdw-setup takes tables from the configuration, and says what it lacks', async () => {
    const lines = ['schema = "reviews.graphql"', 'fdw_schema = "far"']
    const table =
      '[federation.subgraphs.entities.Review]\ntable = "review"\nkey = { id = "id" }\nfields = { stars = { column = "stars", sql_type = "Numeric(4, 0)" } }'
    const database = 'database_url = "${CUSTOMERS_DATABASE_URL}"'
    const { stdout, stderr } = await graph(
      subgraph('reviews', ...lines, database, table),
      'fdw-setup',
      'reviews',
    )
    expect(stdout).toMatch(/create foreign table "far"\."review" \(\s+"id" text,\s+"stars" Numeric\(4, 0\)/)
    expect(stderr).toBe('')
    const untold = await graph(subgraph('reviews', ...lines, database), 'fdw-setup', 'reviews')
    expect(untold.stderr).toMatch(/FEDERATION_INVALID: No table of the subgraph reviews is known/)
    const none = await graph(subgraph('reviews', 'schema = "reviews.graphql"'), 'fdw-setup', 'reviews')
    expect(none.stderr).toMatch(/FEDERATION_INVALID.*database_url/)
    expect((await graph('', 'fdw-setup', 'nobody')).stderr).toContain('UNKNOWN_SUBGRAPH')
  })
})
