import { describe, expect, test } from 'vitest'
import { load, problems } from './workspace.ts'

describe('${VAR} in headwater.toml', () => {
  test('is the environment’s value', () => {
    const toml = [
      '[nats]',
      'user = "${WHO}"',
      'password = "a-${SECRET}-b"',
      '[streams.names]',
      'orders = "${WHO}_ORDERS"',
      '[http]',
      'port = "${PORT}"',
      'graphiql = "${GRAPHIQL}"',
    ].join('\n')
    const env = { WHO: 'me', SECRET: 's$1', PORT: '8080', GRAPHIQL: 'false' }
    const { config, sources } = load({ toml, env })
    expect(config.nats).toMatchObject({ user: 'me', password: 'a-s$1-b' })
    expect(config.streams.names).toEqual({ orders: 'me_ORDERS' })
    expect(config.http).toMatchObject({ port: 8080, graphiql: false })
    expect(sources.get('nats.password')).toEqual({ name: 'headwater.toml', line: 3 })
  })

  test('is left alone when written $${', () => {
    expect(load({ toml: '[nats]\nuser = "u"\npassword = "$${A}$x"' }).config.nats.password).toBe('${A}$x')
  })

  test('is refused when the variable is missing or empty', () => {
    const toml = '[nats]\nurl = "nats://${ONE}:${TWO}@h"\n[log]\nlevel = "${THREE"\nformat = "${four five}"'
    expect(problems({ toml, env: { TWO: '' } })).toEqual([
      'nats.url (headwater.toml:2): uses ${ONE}, but this environment variable is not set',
      'nats.url (headwater.toml:2): uses ${TWO}, but this environment variable is not set',
      'log.level (headwater.toml:4): has a ${ without its } (write $${ for a plain ${)',
      'log.format (headwater.toml:5): has a ${…} that names no environment variable (write $${ for a plain ${)',
    ])
  })

  test('does not find what every object inherits', () => {
    expect(problems({ toml: 'namespace = "${toString}"' })[0]).toContain('is not set')
  })

  test('shows what was written, not what it became, when that is wrong', () => {
    expect(problems({ toml: '[http]\nhost = "${HIDDEN}"', env: { HIDDEN: 'hunter 2' } })).toEqual([
      'http.host (headwater.toml:2): "${HIDDEN}" is not a host name or address',
    ])
  })
})
