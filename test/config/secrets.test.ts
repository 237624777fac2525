import { describe, expect, test } from 'vitest'
import { configToml, describeConfig, maskUrl } from '../../src/runtime/config/index.ts'
import { failure, load } from './workspace.ts'

describe('a secret', () => {
  test.each([
    ['postgres://user:secret@host/db', 'postgres://user:***@host/db'],
    ['postgres://user@host/db', 'postgres://user@host/db'],
    ['postgres://user:se:cret@host/db', 'postgres://user:***@host/db'],
    ['postgres://host/db?user=a&password=secret&x=1', 'postgres://host/db?user=a&password=***&x=1'],
    ['postgres:///db?host=/tmp', 'postgres:///db?host=/tmp'],
    ['nats://token@host:4222', 'nats://***@host:4222'],
    ['nats://a:secret@h1,nats://b:secret@h2', 'nats://a:***@h1,nats://b:***@h2'],
    ['nats://h1:4222, h2:4222', 'nats://h1:4222,h2:4222'],
    ['user:secret@host', 'user:***@host'],
    ['nats://u:p,secret@host', '***'],
    ['nats://u:1,secret@host', '***'],
    ['postgres://u:se@cret@host/db', '***'],
    ['postgres://u:1/secret@host/db', '***'],
    ['postgres://u:1?secret@host/db', '***'],
    ['postgres://u:1#secret@host/db', '***'],
    ['ws://u:1\\secret@host', 'ws://u:***@host'],
    [' nats://u:se\tcret@host', '***'],
    ['mysql://user@host/db', 'mysql://user@host/db'],
    ['https://token@host/graphql', 'https://***@host/graphql'],
    ['mssql://host;user=a;Password=secret;x=1', 'mssql://host;user=a;Password=***'],
    ['mssql://host/db?pwd=secret', 'mssql://host/db?pwd=***'],
  ])('in %s is masked', (url, masked) => {
    expect(maskUrl(url)).toBe(masked)
  })

  test('is in no description', () => {
    const loaded = load({
      toml: '[nats]\nurl = "nats://a:hunter2@h"\nuser = "u"\npassword = "hunter2"\n',
      env: { DATABASE_URL: 'postgres://a:hunter2@h/d' },
    })
    const rows = describeConfig(loaded)
    expect(JSON.stringify(rows) + configToml(loaded)).not.toContain('hunter2')
    expect(rows.find(({ key }) => key === 'nats.password')).toEqual({
      key: 'nats.password',
      value: '***',
      source: 'headwater.toml',
      line: 4,
    })
    expect(rows.find(({ key }) => key === 'postgres.url')).toEqual({
      key: 'postgres.url',
      value: 'postgres://a:***@h/d',
      source: 'DATABASE_URL',
    })
    expect(loaded.config.nats.password).toBe('hunter2')
  })

  test.each([
    '[nats]\npasword = "hunter2"',
    '[nats]\npassword = ["hunter2"]',
    '[nats.password]\nvalue = "hunter2"',
    'nats = "nats://u:hunter2@h"',
    '[nats]\nurl = ["nats://u:hunter2@h"]',
    '[nats]\nurl = "nats//u:hunter2@h"',
    '[http]\nhost = "nats://u:hunter2@h"',
    '[postgres]\nurl = "postgres://u:hunter2@h:x/d"',
    '[postgres]\nurl = "mysql://u:hunter2@h/d"',
    '[postgres]\nurl = "postgres://u:1,hunter2@h /d"',
    '[nats]\ntoken = "hunter2\n',
    '[nats]\ntoken = hunter2\n',
    '[nats]\ntoken = "${hunter2 }"',
  ])('is in no error: %j', (toml) => {
    const error = failure({ toml })
    expect(error.message + JSON.stringify(error.errors)).not.toContain('hunter2')
    expect(error.cause).toBeUndefined()
  })
})
