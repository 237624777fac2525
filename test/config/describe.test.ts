import { describe, expect, test } from 'vitest'
import {
  configEntries,
  configReference,
  configSections,
  configToml,
  describeConfig,
} from '../../src/runtime/config/index.ts'
import { folder, load } from './workspace.ts'

describe('describeConfig', () => {
  test('has a row a key, with its value as text and its source', () => {
    const rows = describeConfig(
      load({ toml: '[streams]\nnames = { orders = "SALES" }', env: { HEADWATER_LOG_LEVEL: 'warn' } }),
    )
    expect(rows.map(({ key }) => key)).toEqual(configReference().map(({ key }) => key))
    const row = (key: string) => rows.find((one) => one.key === key)
    expect(row('streams.names')).toEqual({
      key: 'streams.names',
      value: 'orders=SALES',
      source: 'headwater.toml',
      line: 2,
    })
    expect(row('log.level')).toEqual({ key: 'log.level', value: 'warn', source: 'HEADWATER_LOG_LEVEL' })
    expect(row('http.body_limit')).toEqual({ key: 'http.body_limit', value: '1MB', source: 'default' })
    expect(row('nats.url')).toEqual({ key: 'nats.url', value: '', source: 'default' })
  })
})

describe('configToml', () => {
  test('is a headwater.toml that gives the same configuration', () => {
    const toml =
      'namespace = "x"\n[http]\nport = 0\nbody_limit = 1025\n[streams.names]\n"or-ders" = "SALES"\n'
    const loaded = load({ toml, env: { HEADWATER_DATA_DIR: '/a "b" ${c}' } })
    const text = configToml(loaded)
    expect(load({ toml: text }).config).toEqual(loaded.config)
    expect(text).toContain('port = 0 # headwater.toml:3\n')
    expect(text).toContain('# url =\n')
    expect(text).toContain('level = "info" # default\n')
  })

  test('has each table of a list under a header, and nothing that would be taken for it', () => {
    const toml = [
      '[[federation.subgraphs]]',
      'name = "reviews"',
      'graphql_url = "https://reviews.example/graphql"',
      '[[federation.subgraphs]]',
      'name = "customers"',
      'database_url = "postgres://reader@h/d"',
      'strategies = { Customer = ["direct-db", "local"] }',
      '[federation.subgraphs.entities.Customer]',
      'table = "$${customers}"',
      'key = { id = "customer id" }',
      'fields = { name = "full_name", total = { column = "total", kind = "decimal" } }',
    ].join('\n')
    const loaded = load({ toml })
    const text = configToml(loaded)
    expect(load({ toml: text }).config).toEqual(loaded.config)
    expect(text).toContain('[[federation.subgraphs]]\nname = "reviews" # headwater.toml:2\n')
    expect(text).toContain('strategies = { Customer = ["direct-db", "local"] } # headwater.toml:7\n')
    expect(text).toContain('pool_size = 10 # default\n')
    expect(configToml(load())).toContain('[federation]\nsubgraphs = [] # default\n')
  })
})

describe('configReference', () => {
  test('documents every key', () => {
    const rows = configReference()
    for (const { description, type, env } of rows) {
      expect(description).toMatch(/^.{5,}\.$/)
      expect(type).not.toBe('')
      expect(env[0]).toMatch(/^HEADWATER_[A-Z_]+$/)
    }
    expect(rows.find(({ key }) => key === 'http.graphiql')).toMatchObject({
      default: 'true (false when NODE_ENV=production)',
    })
    expect(rows.find(({ key }) => key === 'nats.url')).toMatchObject({
      env: ['HEADWATER_NATS_URL', 'NATS_URL'],
      default: '',
    })
    expect(rows.find(({ key }) => key === 'commands.group_max_bytes')).toMatchObject({ default: '512KB' })
  })

  test('documents the keys in lists of tables', () => {
    const entries = configEntries()
    expect(entries.map(({ header }) => header)).toEqual([
      '[[federation.subgraphs]]',
      '[federation.subgraphs.entities.<name>]',
      '[federation.subgraphs.entities.<name>.fields.<name>]',
    ])
    for (const { description, rows } of entries) {
      expect(description).toMatch(/^.{5,}\.$/)
      for (const row of rows) {
        expect(row.description).toMatch(/^.{5,}\.$/)
        expect(row.env).toEqual([])
      }
    }
    const [subgraphs] = entries
    expect(subgraphs?.rows.find(({ key }) => key === 'name')?.description).toContain('Required.')
    expect(subgraphs?.rows.find(({ key }) => key === 'pool_size')).toMatchObject({ default: '10' })
  })

  test('says the unit of every duration', () => {
    const durations = configReference().filter(({ key }) => key.endsWith('_ms'))
    expect(durations.length).toBeGreaterThan(5)
    for (const { description } of durations) expect(description).toContain('milliseconds')
  })

  test('has defaults that are right when they are given', () => {
    const env = configReference().flatMap(({ env: [name = ''], default: text }) =>
      text === '' ? [] : [[name, text.split(' ')[0]]],
    )
    const cwd = folder()
    expect(load({ cwd, env: Object.fromEntries(env) }).config).toEqual(load({ cwd }).config)
    expect(load().config).toMatchObject({
      namespace: 'hw',
      http: { port: 4000 },
    })
  })

  test('knows the sections', () => {
    expect(configSections().map(({ section }) => section)).toEqual(
      (
        'http nats nats.tls postgres streams commands projections feed sagas graph graph.limits graph.live ' +
        'gateway gateway.steps gateway.steps.breaker federation log contexts'
      ).split(' '),
    )
    for (const { description } of configSections()) expect(description).not.toBe('')
  })
})
