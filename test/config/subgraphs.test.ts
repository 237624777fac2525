import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, load, problems } from './workspace.ts'

const toml = `
[[federation.subgraphs]]
name = "reviews"
graphql_url = "https://reviews.example/graphql"

[[federation.subgraphs]]
name = "customers"
graphql_url = "\${CUSTOMERS_URL}"
database_url = "postgres://\${DB_USER}:\${DB_PASSWORD}@db/customers"
pool_size = "\${POOL}"
strategies = { Customer = ["direct-db", "http"] }
[federation.subgraphs.entities.Customer]
table = "customers"
key = { id = "id" }
fields = { name = "full_name", total = { column = "total", kind = "decimal" } }
`
const env = {
  CUSTOMERS_URL: 'http://customers/graphql',
  DB_USER: 'reader',
  DB_PASSWORD: 'hunter2',
  POOL: '3',
}

const customers = {
  name: 'customers',
  graphqlUrl: 'http://customers/graphql',
  databaseUrl: 'postgres://reader:hunter2@db/customers',
  strategies: { Customer: ['direct-db', 'http'] },
  poolSize: 3,
  statementTimeoutMs: 2000,
  entities: {
    Customer: {
      table: 'customers',
      key: { id: 'id' },
      fields: { name: { column: 'full_name' }, total: { column: 'total', kind: 'decimal' } },
    },
  },
}

const given = (databaseUrl: string) => ({ federation: { subgraphs: [{ name: 'a', databaseUrl }] } })

describe('the subgraphs', () => {
  test('are tables of a list in the file, with defaults and the environment filled in', () => {
    const { config, sources } = load({ toml, env })
    const reviews = {
      name: 'reviews',
      graphqlUrl: 'https://reviews.example/graphql',
      strategies: {},
      poolSize: 10,
      statementTimeoutMs: 2000,
      entities: {},
    }
    expect(config.federation.subgraphs).toEqual([reviews, customers])
    expect(sources.get('federation.subgraphs')).toEqual({ name: 'headwater.toml', line: 2 })
    expect(sources.get('federation.subgraphs[1].pool_size')).toEqual({ name: 'headwater.toml', line: 10 })
    expect(sources.get('federation.subgraphs[1].entities.Customer.key.id')).toEqual({
      name: 'headwater.toml',
      line: 14,
    })
  })

  test('are JSON in the environment, named as in the file, and take the place of all in the file', () => {
    const subgraphs = [{ name: 'a', graphql_url: 'http://token@a/', strategies: { A: ['http'] } }]
    const { config, sources } = load({
      toml,
      env: { ...env, HEADWATER_FEDERATION_SUBGRAPHS: JSON.stringify(subgraphs) },
    })
    expect(config.federation.subgraphs).toHaveLength(1)
    expect(config.federation.subgraphs[0]).toMatchObject({
      name: 'a',
      graphqlUrl: 'http://token@a/',
      strategies: { A: ['http'] },
      poolSize: 10,
    })
    expect(sources.get('federation.subgraphs[0].name')).toEqual({ name: 'HEADWATER_FEDERATION_SUBGRAPHS' })
    expect(sources.has('federation.subgraphs[1].name')).toBe(false)
    const none = { ...env, HEADWATER_FEDERATION_SUBGRAPHS: '[]' }
    expect(load({ toml, env: none }).config.federation.subgraphs).toEqual([])
  })

  test('are given in code by the names they have in code', () => {
    const overrides = { federation: { subgraphs: [{ name: 'b', databaseUrl: 'mysql://u:p@h/d' }] } }
    const { config } = load({ toml, env, overrides })
    expect(config.federation.subgraphs).toHaveLength(1)
    expect(config.federation.subgraphs[0]).toMatchObject({ name: 'b', databaseUrl: 'mysql://u:p@h/d' })
  })

  test('keep types apart that have long names', () => {
    const [one = '', other = ''] = ['1', '2'].map((end) => `${'T'.repeat(100)}${end}`)
    const strategies = { [one]: ['local'], [other]: ['local'] }
    const list = JSON.stringify([{ name: 'a', strategies }])
    const { subgraphs } = load({ env: { HEADWATER_FEDERATION_SUBGRAPHS: list } }).config.federation
    expect(subgraphs[0]?.strategies).toEqual(strategies)
  })

  test('have absolute paths, in addresses of SQLite too', () => {
    const rows = [
      'name = "a"\nschema = "a.graphql"\ndatabase_url = "sqlite:a.db"',
      'name = "b"\ndatabase_url = "sqlite:///b.db"',
      'name = "c"\ndatabase_url = "sqlite:/c.db"',
    ]
    const file = rows.map((row) => `[[federation.subgraphs]]\n${row}`).join('\n')
    const cwd = folder({ 'etc/headwater.toml': file, 'etc/a.graphql': '' })
    const { subgraphs } = load({ cwd, file: 'etc/headwater.toml' }).config.federation
    expect(subgraphs.map(({ schema, databaseUrl }) => [schema, databaseUrl])).toEqual([
      [join(cwd, 'etc/a.graphql'), `sqlite:${join(cwd, 'etc/a.db')}`],
      [undefined, 'sqlite:/b.db'],
      [undefined, 'sqlite:/c.db'],
    ])
  })

  test.each([
    'postgres://h/d',
    'postgresql://u@h/d',
    'postgres:///d?host=/run/postgresql',
    'mysql://h/d',
    'mariadb://h/d',
    'mssql://h/d',
    'sqlite:x.db',
  ])('may have the database %s', (url) => {
    const { subgraphs } = load({ cwd: '/', overrides: given(url) }).config.federation
    expect(subgraphs[0]?.databaseUrl).toBe(url.replace('x.db', '/x.db'))
  })

  test('with a SQL Server by its other name have it by the one that the driver knows', () => {
    const { subgraphs } = load({ overrides: given('sqlserver://h/d') }).config.federation
    expect(subgraphs[0]?.databaseUrl).toBe('mssql://h/d')
  })
})

/** A file with one right subgraph, and from line 4 on these lines in a second one. */
function row(...lines: string[]): string {
  const first = '[[federation.subgraphs]]\nname = "first"\n[[federation.subgraphs]]\n'
  const name = lines.some((line) => line.startsWith('name')) ? [] : ['name = "second"']
  return `${first}${[...lines, ...name].join('\n')}\n`
}

const place = (key: string, line = 4) => `federation.subgraphs[1]${key} (headwater.toml:${line}):`

describe('what is wrong with a subgraph is told with its place', () => {
  const chain = 'local, direct-db, fdw, http'

  test.each([
    ['grapql_url = ""', `${place('.grapql_url')} unknown key, did you mean graphql_url?`],
    ['graphqlUrl = ""', `${place('.graphqlUrl')} unknown key, did you mean graphql_url?`],
    ['port = 1', `${place('.port')} unknown key`],
    ['name = "a b"', `${place('.name')} "a b" is not a name of 1 to 128 of A-Z a-z 0-9 _ -`],
    ['name = "first"', `${place('.name')} there is a subgraph "first" already, at 0`],
    [
      'graphql_url = "ftp://h/"',
      `${place('.graphql_url')} "ftp://h/" is not an address such as http://host/graphql (schemes: http, https)`,
    ],
    [
      'subscriptions_url = "h"',
      `${place('.subscriptions_url')} the value (***) is not an address such as ws://host/graphql (schemes: ws, wss, http, https)`,
    ],
    ['pool_size = 0', `${place('.pool_size')} 0 is not a whole number from 1 to 1000`],
    [
      'fdw_schema = "1"',
      `${place('.fdw_schema')} "1" is not an identifier of 1 to 63 of A-Z a-z 0-9 _, no digit first`,
    ],
    ['strategies = []', `${place('.strategies')} this list is not a table of type = list of strategies`],
    ['strategies = { "a b" = ["local"] }', `${place('.strategies."a b"')} is not the name of an entity type`],
    [
      'strategies.__proto__ = ["local"]',
      `${place('.strategies.__proto__')} is not the name of an entity type`,
    ],
    ['strategies = { A = "local" }', `${place('.strategies.A')} "local" is not a list of ${chain}`],
    [
      'strategies = { A = [] }',
      `${place('.strategies.A')} names no strategy: leave it out to have one derived`,
    ],
    [
      'strategies = { A = ["local", "direct_db"] }',
      `${place('.strategies.A[1]')} "direct_db" is not one of ${chain}, did you mean direct-db?`,
    ],
    ['strategies = { A = ["local", "local"] }', `${place('.strategies.A[1]')} "local" is there already`],
    ['strategies = { A = ["direct-db"] }', `${place('.strategies.A[0]')} "direct-db" needs database_url too`],
    ['strategies = { A = ["fdw"] }', `${place('.strategies.A[0]')} "fdw" needs fdw_schema too`],
    ['strategies = { A = ["http"] }', `${place('.strategies.A[0]')} "http" needs graphql_url too`],
    ['entities = 1', `${place('.entities')} 1 is not a table of entity types`],
    ['entities = { A = "a" }', `${place('.entities.A')} is a table of keys, not a single value`],
    [
      'entities = { A = { table = "a", key = {} } }',
      `${place('.entities.A.key')} names no field, and without one no row can be found`,
    ],
    [
      'entities = { A = { table = "a", key = { id = 1 } } }',
      `${place('.entities.A.key.id')} 1 is not the name of a column`,
    ],
    [
      'entities = { A = { table = "a", key = { id = "i" }, fields = { "a-b" = "c" } } }',
      `${place('.entities.A.fields.a-b')} is not the name of a field`,
    ],
    [
      'entities = { A = { table = "a", key = { id = "i" }, fields = { b = { colum = "c" } } } }',
      [
        `${place('.entities.A.fields.b.colum')} unknown key, did you mean column?`,
        `${place('.entities.A.fields.b.column')} is missing: it has to be the name of a column`,
      ],
    ],
    [
      'entities = { A = { table = "a", key = { id = "i" }, fields = { b = { column = "c", kind = "decimals" } } } }',
      `${place('.entities.A.fields.b.kind')} "decimals" is not one of text, id, int, long, decimal, float, boolean, datetime, date, json, enum, did you mean decimal?`,
    ],
  ])('%s', (line, problem) => {
    expect(problems({ toml: row(line) })).toEqual([problem].flat())
  })

  test('when something is missing, at the header of its table', () => {
    const toml =
      '[[federation.subgraphs]]\nname = "a"\n[[federation.subgraphs]]\n[federation.subgraphs.entities.A]\n'
    expect(problems({ toml })).toEqual([
      `${place('.entities.A.table')} is missing: it has to be the name of a table`,
      `${place('.entities.A.key')} is missing: it has to be a table of field = column`,
      `${place('.name', 3)} is missing: it has to be a name of 1 to 128 of A-Z a-z 0-9 _ -`,
    ])
  })

  test('and all at once, with what is wrong elsewhere', () => {
    const toml = `${row('pool_size = 0', 'nam = "x"')}[[federation.subgraphs]]\nname = ""\n[http]\nport = -1\n`
    expect(problems({ toml }).map((line) => line.replace(/:.*/s, ''))).toEqual([
      'federation.subgraphs[1].nam (headwater.toml',
      'federation.subgraphs[1].pool_size (headwater.toml',
      'federation.subgraphs[2].name (headwater.toml',
      'http.port (headwater.toml',
    ])
  })

  test('of a list that is none', () => {
    expect(problems({ toml: '[federation]\nsubgraphs = 1' })).toEqual([
      'federation.subgraphs (headwater.toml:2): 1 is not a list of tables [[federation.subgraphs]]',
    ])
    expect(problems({ toml: '[federation]\nsubgraphs = [1, { name = "a" }]' })).toEqual([
      'federation.subgraphs[0] (headwater.toml:2): is a table of keys, not a single value',
    ])
  })

  test('that is JSON in the environment, or not quite', () => {
    const wrong = (text: string) => problems({ env: { HEADWATER_FEDERATION_SUBGRAPHS: text } })
    expect(wrong('[{"name":"hunter2"')).toEqual([
      'federation.subgraphs (HEADWATER_FEDERATION_SUBGRAPHS): this text is not JSON, a list of tables [[federation.subgraphs]]',
    ])
    expect(wrong('{}')[0]).toContain('this table is not a list of tables')
    expect(wrong('[{"name":"a","poolSize":1}]')).toEqual([
      'federation.subgraphs[0].poolSize (HEADWATER_FEDERATION_SUBGRAPHS): unknown key, did you mean pool_size?',
    ])
  })

  test('that another place overrides all the same', () => {
    expect(problems({ toml: row('pool_size = 0'), env: { HEADWATER_FEDERATION_SUBGRAPHS: '[]' } })).toEqual([
      `${place('.pool_size')} 0 is not a whole number from 1 to 1000`,
    ])
  })

  test('when the file of a schema is not there, or a variable', () => {
    const cwd = folder({ 'headwater.toml': row('schema = "gone.graphql"') })
    expect(problems({ cwd })).toEqual([`${place('.schema')} there is no file "${cwd}/gone.graphql"`])
    // Nothing about direct-db without a database: one problem, not two.
    expect(problems({ toml: row('database_url = "${DB}"', 'strategies = { A = ["direct-db"] }') })).toEqual([
      `${place('.database_url')} uses \${DB}, but this environment variable is not set`,
    ])
  })
})
