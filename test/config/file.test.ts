import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, load, problems } from './workspace.ts'

describe('headwater.toml', () => {
  test('need not be there, unless somebody named it', () => {
    expect(load({ cwd: folder() }).config.namespace).toBe('hw')
    expect(problems({ env: { HEADWATER_CONFIG: 'my.toml' } })).toEqual(['my.toml: there is no such file'])
    expect(problems({ file: 'flag.toml', env: { HEADWATER_CONFIG: 'my.toml' } })).toEqual([
      'flag.toml: there is no such file',
    ])
  })

  test('may be anywhere', () => {
    const cwd = folder({ 'a/b.toml': 'namespace = "b"' })
    expect(load({ cwd, file: join(cwd, 'a/b.toml') }).config.namespace).toBe('b')
  })

  test('must be a file that can be read', () => {
    const cwd = folder({ 'headwater.toml/x': '' })
    expect(problems({ cwd })).toEqual(['headwater.toml: the file cannot be read (EISDIR)'])
    expect(problems({ file: 'a\0b' })[0]).toContain('the file cannot be read')
  })

  test('is refused with line and column when it is no TOML, without showing what it says', () => {
    const [problem] = problems({ toml: '[nats]\npassword = "hunter2"\ntoken = hunter3\n' })
    expect(problem).toBe('headwater.toml:3: column 9: Invalid TOML document: invalid value')
  })

  test('takes sizes as numbers and with units, tables inline and dotted', () => {
    const { config } = load({
      toml: [
        'http.body_limit = 4096',
        'commands = { body_limit = "1 MB", group_max_bytes = "64KB" }',
        'streams.names.orders = "SALES"',
      ].join('\n'),
    })
    expect(config.http.bodyLimit).toBe(4096)
    expect(config.commands).toMatchObject({ bodyLimit: 1_048_576, groupMaxBytes: 65_536 })
    expect(config.streams.names).toEqual({ orders: 'SALES' })
  })

  test('does not take text for numbers', () => {
    expect(problems({ toml: '[http]\n\nport = "80"' })).toEqual([
      'http.port (headwater.toml:3): "80" is not a whole number from 0 to 65535',
    ])
  })

  test.each([
    ['http.prot = 1', 'http.prot (headwater.toml:1): unknown key, did you mean port?'],
    ['[http]\nbodyLimit = 1', 'http.bodyLimit (headwater.toml:2): unknown key, did you mean body_limit?'],
    ['[htpp]\nport = 1', 'htpp (headwater.toml:1): unknown key, did you mean http?'],
    [
      '[nats]\npool_size = 1',
      'nats.pool_size (headwater.toml:2): unknown key, did you mean postgres.pool_size?',
    ],
    [
      '[graph]\nquery_depth = 8',
      'graph.query_depth (headwater.toml:2): unknown key, did you mean graph.limits.depth?',
    ],
    [
      '[http]\nintrospection = false',
      'http.introspection (headwater.toml:2): unknown key, did you mean graph.limits.introspection?',
    ],
    ['[nats]\nqqqqqq = 1', 'nats.qqqqqq (headwater.toml:2): unknown key'],
    ['"a\\u001bb" = 1', '"a\\u001bb" (headwater.toml:1): unknown key'],
    ['constructor = 1', 'constructor (headwater.toml:1): unknown key'],
    ['http = 4000', 'http (headwater.toml:1): is a table of keys, not a single value'],
    ['[[http]]\nport = 1', 'http (headwater.toml:1): is a table of keys, not a single value'],
    ['[http.port]\na = 1', 'http.port (headwater.toml:1): this table is not a whole number from 0 to 65535'],
    [
      '[contexts]\nmodules = [1]',
      'contexts.modules (headwater.toml:2): this list is not a list of paths of files',
    ],
  ])('refuses %j', (toml, problem) => {
    expect(problems({ toml })).toEqual([problem])
  })

  test('names two contexts’ streams differently', () => {
    expect(problems({ toml: '[streams.names]\na = "X"\nb = "X"' })[0]).toContain('each name once')
  })
})
