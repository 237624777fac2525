import { describe, expect, test } from 'vitest'
import { configToml, describeConfig } from '../../src/runtime/config/index.ts'
import { failure, load, problems } from './workspace.ts'

const row = (line: string) => `[[federation.subgraphs]]\nname = "a"\n${line}\n`

describe('credentials of subgraphs', () => {
  test.each([
    'database_url = "postgres://u:hunter2@h/d"',
    'database_url = "postgres://${U}:hunter2@h/d"',
    'database_url = "postgres://u:${U}hunter2@h/d"',
    'database_url = "${SCHEME}://u:hunter2@h/d"',
    'database_url = "postgres://u:$${hunter2}@h/d"',
    'database_url = "postgres://h/d?password=hunter2"',
    'database_url = "mssql://h;password=hunter2"',
    'graphql_url = "https://hunter2@h/graphql"',
    'graphql_url = "https://u:hunter2@h/graphql"',
    'graphql_url = "https://h/graphql?access_token=hunter2"',
    'subscriptions_url = "wss://hunter2@h/graphql"',
  ])('do not stand in the file: %s', (line) => {
    const env = { U: 'u', SCHEME: 'postgres' }
    const [name] = line.split(' ')
    expect(problems({ toml: row(line), env })).toEqual([
      `federation.subgraphs[0].${name} (headwater.toml:3): has a password or a token in it, which belongs into the environment: write ${name} = "\${NAME}", after a variable that holds the address`,
    ])
  })

  test.each([
    'database_url = "${URL}"',
    'database_url = "postgres://${U}:${P}@h/d"',
    'database_url = "postgres://reader@h/d"',
    'database_url = "postgres://h/d?password=${P}"',
    'graphql_url = "https://${TOKEN}@h/graphql"',
    'graphql_url = "https://${U}:${P}@h/graphql"',
    'graphql_url = "https://h/graphql?token=${P}&x=1"',
  ])('come from the environment: %s', (line) => {
    const env = { URL: 'postgres://reader:hunter2@h/d', U: 'reader', P: 'hunter2', TOKEN: 'hunter2' }
    const loaded = load({ toml: row(line), env })
    expect(JSON.stringify(loaded.config.federation)).toMatch(/hunter2|reader/)
    expect(configToml(loaded) + JSON.stringify(describeConfig(loaded))).not.toContain('hunter2')
  })

  test('may be in the JSON of the environment, and are masked where it is shown', () => {
    const subgraphs = [{ name: 'a', database_url: 'mysql://u:hunter2@h/d' }]
    const loaded = load({ env: { HEADWATER_FEDERATION_SUBGRAPHS: JSON.stringify(subgraphs) } })
    expect(loaded.config.federation.subgraphs[0]?.databaseUrl).toBe('mysql://u:hunter2@h/d')
    const found = describeConfig(loaded).find(({ key }) => key === 'federation.subgraphs')
    expect(found).toMatchObject({ source: 'HEADWATER_FEDERATION_SUBGRAPHS' })
    expect(found?.value).toContain('"database_url":"mysql://u:***@h/d"')
    expect(configToml(loaded)).toContain('database_url = "mysql://u:***@h/d"')
  })

  test.each([
    'database_url = ["postgres://u:hunter2@h/d"]',
    'database_url = { url = "postgres://u:hunter2@h/d" }',
    'database_url = "oracle://u:hunter2@h/d"',
    'database_url = "postgres://u:1/hunter2@h/d"',
    'database_url = "postgres://u:1?hunter2@h/d"',
    'database_url = "${URL}"',
    'databse_url = "postgres://u:hunter2@h/d"',
    'graphql_url = "hunter2"',
    'graphql_url = "https://u:1/hunter2@h"',
    'name = "postgres://u:hunter2@h/d"',
    'entities = "postgres://u:hunter2@h/d"',
    'strategies = { A = ["postgres://u:hunter2@h/d"] }',
  ])('are in no error: %s', (line) => {
    const toml = line.startsWith('name') ? `[[federation.subgraphs]]\n${line}` : row(line)
    const error = failure({ toml, env: { URL: 'oracle://u:hunter2@h/d' } })
    expect(error.message + JSON.stringify(error.errors)).not.toContain('hunter2')
  })
})
