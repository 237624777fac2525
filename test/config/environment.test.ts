import { describe, expect, test } from 'vitest'
import { configReference } from '../../src/runtime/config/index.ts'
import { load, problems } from './workspace.ts'

describe('the environment', () => {
  test('has the names everybody knows for the servers', () => {
    const env = { NATS_URL: 'nats://n:4222,tls://m:4222', DATABASE_URL: 'postgresql://u:p@h/d' }
    const { config, sources } = load({ env })
    expect(config.nats.url).toBe(env.NATS_URL)
    expect(config.postgres.url).toBe(env.DATABASE_URL)
    expect(sources.get('nats.url')).toEqual({ name: 'NATS_URL' })
  })

  test('has a name for every key, and the longer one wins', () => {
    const { config, sources } = load({ env: { NATS_URL: 'nats://a', HEADWATER_NATS_URL: 'nats://b' } })
    expect(config.nats.url).toBe('nats://b')
    expect(sources.get('nats.url')).toEqual({ name: 'HEADWATER_NATS_URL' })
    const names = configReference().flatMap(({ env }) => env)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining(['HEADWATER_NAMESPACE', 'HEADWATER_NATS_TLS_CA_FILE', 'DATABASE_URL']),
    )
  })

  test('writes every kind of value as text', () => {
    const { config } = load({
      env: {
        HEADWATER_STREAMS_REPLICAS: '3',
        HEADWATER_PROJECTIONS_RUN: 'FALSE',
        HEADWATER_HTTP_GRAPHIQL: '0',
        HEADWATER_COMMANDS_BODY_LIMIT: '512kb',
        HEADWATER_HTTP_BODY_LIMIT: '2048',
        HEADWATER_LOG_LEVEL: 'debug',
        HEADWATER_STREAMS_NAMES: 'orders=SALES, billing = MONEY,',
      },
    })
    expect(config.streams).toMatchObject({ replicas: 3, names: { orders: 'SALES', billing: 'MONEY' } })
    expect(config.projections.run).toBe(false)
    expect(config.http).toMatchObject({ graphiql: false, bodyLimit: 2048 })
    expect(config.commands.bodyLimit).toBe(524_288)
    expect(config.log.level).toBe('debug')
  })

  test('refuses unknown variables under HEADWATER_ and leaves all others alone', () => {
    const env = {
      HEADWATER_HTTP_PROT: '1',
      HEADWATER_http_port: '1',
      HEADWATER_ZZZZZZZZ: '1',
      HEADWATER_HTTP_INTROSPECTION: 'false',
      PORT: 'x',
      HOME: '/',
    }
    expect(problems({ env })).toEqual([
      'HEADWATER_HTTP_PROT: unknown environment variable, did you mean HEADWATER_HTTP_PORT?',
      'HEADWATER_http_port: unknown environment variable, did you mean HEADWATER_HTTP_PORT?',
      'HEADWATER_ZZZZZZZZ: unknown environment variable',
      'HEADWATER_HTTP_INTROSPECTION: unknown environment variable, did you mean HEADWATER_GRAPH_LIMITS_INTROSPECTION?',
    ])
  })

  test('counts an empty variable as not set', () => {
    const env = { NATS_URL: '', HEADWATER_HTTP_PORT: '', HEADWATER_NOTHING: '', HEADWATER_CONFIG: '' }
    expect(load({ env }).sources.get('http.port')).toEqual({ name: 'default' })
  })

  test.each([
    ['HEADWATER_HTTP_PORT', '80a', 'http.port', '"80a" is not a whole number from 0 to 65535'],
    ['HEADWATER_HTTP_PORT', '80.5', 'http.port', '80.5 is not a whole number from 0 to 65535'],
    ['HEADWATER_HTTP_PORT', '99999', 'http.port', '99999 is not a whole number from 0 to 65535'],
    ['HEADWATER_PROJECTIONS_RUN', 'yes', 'projections.run', '"yes" is not true or false'],
    ['HEADWATER_STREAMS_REPLICAS', '2', 'streams.replicas', '2 is not 1, 3 or 5'],
    [
      'HEADWATER_LOG_FORMAT',
      'prety',
      'log.format',
      '"prety" is not one of auto, pretty, json, did you mean pretty?',
    ],
    ['HEADWATER_NAMESPACE', 'a.b', 'namespace', '"a.b" is not a name of 1 to 32 of A-Z a-z 0-9 _ -'],
    [
      'HEADWATER_STREAMS_NAMES',
      'orders',
      'streams.names',
      '"orders" is not a table of context = stream name, each name once and of A-Z a-z 0-9 _ -',
    ],
  ])('%s=%s is refused with what would be right', (name, value, key, message) => {
    expect(problems({ env: { [name]: value } })).toEqual([`${key} (${name}): ${message}`])
  })
})
