import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, load, problems } from './workspace.ts'

describe('the configuration', () => {
  test('has a default for all that is not optional', () => {
    const { config } = load()
    expect(config.namespace).toBe('hw')
    expect(config.http).toEqual({
      host: '127.0.0.1',
      port: 4000,
      graphiql: true,
      bodyLimit: 1_048_576,
      requestTimeoutMs: 30_000,
      maxConnections: 25_000,
    })
    expect(config.nats).toEqual({ host: '127.0.0.1', port: 4222 })
    expect(config.postgres).toMatchObject({
      port: 5432,
      database: 'headwater',
      schema: 'public',
      poolSize: 10,
    })
    expect(config.streams).toEqual({ replicas: 1, storage: 'file', names: {}, duplicateWindowMs: 30_000 })
    expect(config.commands).toMatchObject({
      groupMaxBytes: 524_288,
      idempotencyWindowMs: 86_400_000,
      actors: 10_000,
    })
    expect(config.log).toEqual({ level: 'info', format: 'auto' })
    expect(config.contexts).toEqual({ modules: [], serve: [], builtin: true })
    expect(config.gateway).toMatchObject({ enabled: true, engine: 'hive', debug: false })
    expect(config.federation).toEqual({ subgraphs: [] })
  })

  test('takes options before the environment, the environment before the file, the file before defaults', () => {
    const toml = '[http]\nport = 1\nhost = "file"\n[graph]\njit = 7\n[log]\nlevel = "warn"'
    const env = { HEADWATER_HTTP_PORT: '2', HEADWATER_HTTP_HOST: 'environment' }
    const { config, sources } = load({ toml, env, overrides: { http: { port: 3 } } })
    expect(config.http).toMatchObject({ port: 3, host: 'environment' })
    expect(config.graph).toMatchObject({ jit: 7, maxPage: 100 })
    expect(sources.get('http.port')).toEqual({ name: 'option' })
    expect(sources.get('http.host')).toEqual({ name: 'HEADWATER_HTTP_HOST' })
    expect(sources.get('graph.jit')).toEqual({ name: 'headwater.toml', line: 5 })
    expect(sources.get('graph.max_page')).toEqual({ name: 'default' })
    expect(sources.has('nats.url')).toBe(false)
  })

  test('hides GraphiQL and introspection in production unless told otherwise', () => {
    const env = { NODE_ENV: 'production' }
    const { config } = load({ env })
    expect(config.http.graphiql).toBe(false)
    expect(config.graph.limits.introspection).toBe(false)
    const told = load({ env, toml: 'http.graphiql = true\ngraph.limits.introspection = true' }).config
    expect(told.http.graphiql).toBe(true)
    expect(told.graph.limits.introspection).toBe(true)
  })

  test('cannot be changed', () => {
    const { config } = load({
      toml: '[streams.names]\norders = "SALES"\n[[federation.subgraphs]]\nname = "a"',
    })
    const { subgraphs } = config.federation
    const parts = [config, config.http, config.streams.names, config.contexts.modules, subgraphs]
    for (const part of [...parts, ...subgraphs, subgraphs[0]?.strategies])
      expect(Object.isFrozen(part)).toBe(true)
  })

  test('reads text of an option as the environment’s, since flags are text', () => {
    const { config } = load({
      overrides: { http: { port: '0' }, commands: { bodyLimit: '2MB' }, nats: { url: undefined } },
    })
    expect(config.http.port).toBe(0)
    expect(config.commands.bodyLimit).toBe(2 * 1024 * 1024)
  })

  test('has absolute paths: from the file, relative to it; from elsewhere, to the working directory', () => {
    const cwd = folder({
      'etc/headwater.toml': 'data_dir = "data"\n[contexts]\nmodules = ["sales.ts", "../billing.ts"]',
      'etc/sales.ts': '',
      'billing.ts': '',
      'ca.pem': '',
    })
    const env = { HEADWATER_CONFIG: 'etc/headwater.toml', HEADWATER_NATS_TLS_CA_FILE: 'ca.pem' }
    const { config, sources } = load({ cwd, env })
    expect(config.contexts.modules).toEqual([join(cwd, 'etc/sales.ts'), join(cwd, 'billing.ts')])
    expect(config.dataDir).toBe(join(cwd, 'etc/data'))
    expect(config.nats.tls).toEqual({ caFile: join(cwd, 'ca.pem') })
    expect(sources.get('data_dir')).toEqual({ name: 'etc/headwater.toml', line: 1 })
    expect(load({ cwd }).config.dataDir).toBe(join(cwd, '.headwater'))
  })

  test('checks a value that another place overrides all the same', () => {
    expect(problems({ toml: '[http]\nport = -1', env: { HEADWATER_HTTP_PORT: '1' } })).toEqual([
      'http.port (headwater.toml:2): -1 is not a whole number from 0 to 65535',
    ])
  })
})
