import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import {
  configEntries,
  configReference,
  ConfigurationError,
  configToml,
  describeConfig,
  loadConfig,
} from '../../src/runtime/config/index.ts'
import { folder } from './workspace.ts'

const reference = configReference()
const envNames = reference.flatMap(({ env }) => env)
const keys = reference.map(({ key }) => key)

/** Cannot come about by chance, and has the characters that addresses and TOML take for their own. */
const marker = 'hunter2SECRET'
const secretText = fc
  .tuple(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('', ':', '@', '/', '?', '#', ',', '\\', '%', '"', '$'),
    fc.string({ maxLength: 4 }),
  )
  .map(([before, special, after]) => `${before}${special}${marker}${special}${after}`)

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(
    'true',
    '0',
    '4000',
    '1MB',
    'info',
    'a=b',
    '${X}',
    '$${',
    '${',
    'nats://h',
    '-1',
    '1e9',
    '.',
  ),
)
const scalar = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.date({ noInvalidDate: true }))
const value = fc.oneof(scalar, fc.array(scalar), fc.dictionary(text, scalar))
const name = fc.oneof(
  text,
  fc.constantFrom(...keys.flatMap((key) => key.split('.')), '__proto__', 'toString'),
)
const anyTree = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value)))
const knownTree = fc
  .array(fc.tuple(fc.constantFrom(...keys), value))
  .map((pairs) => pairs.map(([key, one]) => [key.split('.'), one] as const))
  .map((pairs) => {
    const groups: Record<string, Record<string, unknown>> = {}
    for (const [[first = '', ...rest], one] of pairs) (groups[first] ??= {})[rest.join('_')] = one
    return groups
  })

function asToml(tree: object): string {
  try {
    return stringify(tree)
  } catch {
    return String(Object.keys(tree))
  }
}

/** Names of keys and of whatever else, as deep as subgraphs go. */
const entryNames = configEntries().flatMap(({ rows }) => rows.map(({ key }) => key))
const entryName = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...entryNames, 'A', 'b') }, name)
const { entry } = fc.letrec<{ entry: unknown }>((tie) => ({
  entry: fc.oneof(
    { maxDepth: 4 },
    value,
    fc.array(tie('entry'), { maxLength: 3 }),
    fc.dictionary(entryName, tie('entry')),
  ),
}))
const subgraphs = fc.oneof(entry, fc.array(fc.dictionary(entryName, entry), { maxLength: 3 }))
const subgraphsTree = subgraphs.map((one) => ({ federation: { subgraphs: one } }))

const document = fc.oneof(text, anyTree.map(asToml), knownTree.map(asToml), subgraphsTree.map(asToml))
const variables = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...envNames),
    text.map((end) => `HEADWATER_${end}`),
  ),
  fc.oneof(text, fc.json()),
)
const listVariable = fc.option(subgraphs.map((one) => JSON.stringify(one)))

/** All that a person could see of a load. Throws what is no ConfigurationError. */
function seen(cwd: string, env: Record<string, string>): string {
  try {
    const loaded = loadConfig({ cwd, env })
    return configToml(loaded) + JSON.stringify(describeConfig(loaded))
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    expect(error.errors?.length).toBeGreaterThan(0)
    return `${error.stack}${JSON.stringify(error.errors)}${String(error.cause)}`
  }
}

describe('whatever is in the file and the environment', () => {
  test('there is a configuration or a ConfigurationError', () => {
    const cwd = folder()
    fc.assert(
      fc.property(document, variables, listVariable, (toml, env, list) => {
        writeFileSync(join(cwd, 'headwater.toml'), toml)
        seen(cwd, list === null ? env : { ...env, HEADWATER_FEDERATION_SUBGRAPHS: list })
      }),
      { numRuns: 500 },
    )
  })

  const places = [
    (secret: string) => secret,
    (secret: string) => `postgres://user:${secret}@host/db`,
    (secret: string) => `nats://user:${secret}@host:4222`,
    (secret: string) => `nats://${encodeURIComponent(secret)}@host:4222,nats://b`,
    (secret: string) => `tls://user:${encodeURIComponent(secret)}@host:4222`,
    (secret: string) => `postgres://host/db?password=${encodeURIComponent(secret)}`,
  ]
  const secretKeys = ['nats.password', 'nats.token', 'nats.url', 'postgres.url']

  test('no secret is seen', () => {
    const cwd = folder()
    const inside = (place: string) => !/^\$?\{/.test(place)
    fc.assert(
      fc.property(
        fc.constantFrom(...secretKeys),
        fc.constantFrom(...places),
        secretText.filter(inside),
        fc.boolean(),
        fc.boolean(),
        (key, place, secret, inFile, broken) => {
          // To NATS a word alone is the name of a host, which is no secret.
          fc.pre(key !== 'nats.url' || place !== places[0])
          const written = place(secret).replaceAll('\0', '')
          const [section = '', last = ''] = key.split('.')
          const env: Record<string, string> = inFile
            ? {}
            : { [`HEADWATER_${section}_${last}`.toUpperCase()]: written }
          const toml = inFile ? stringify({ [section]: { [last]: written } }) : ''
          writeFileSync(
            join(cwd, 'headwater.toml'),
            broken
              ? `${toml}
[http]
port = "x"`
              : toml,
          )
          expect(seen(cwd, env)).not.toContain(marker)
        },
      ),
      { numRuns: 2000 },
    )
  })

  const addresses = [
    (secret: string) => `postgres://user:${secret}@host/db`,
    (secret: string) => `mysql://user:${encodeURIComponent(secret)}@host/db`,
    (secret: string) => `mssql://host/db?password=${encodeURIComponent(secret)}`,
    (secret: string) => `https://user:${secret}@host/graphql`,
    (secret: string) => `https://${encodeURIComponent(secret)}@host/graphql`,
    (secret: string) => secret,
  ]
  const ways = {
    file: (row: object) => ({ toml: stringify({ federation: { subgraphs: [row] } }), env: {} }),
    environment: (row: object) => ({
      toml: '',
      env: { HEADWATER_FEDERATION_SUBGRAPHS: JSON.stringify([row]) },
    }),
    substituted: (row: object, written: string) => {
      const names = Object.entries(row).map(([key, one]) => [key, one === written ? '${ADDRESS}' : one])
      const toml = stringify({ federation: { subgraphs: [Object.fromEntries(names)] } })
      return { toml, env: { ADDRESS: written } }
    },
  }

  test('no secret of a subgraph is seen', () => {
    const cwd = folder()
    fc.assert(
      fc.property(
        fc.constantFrom('database_url', 'graphql_url', 'subscriptions_url', 'databse_url'),
        fc.constantFrom(...addresses),
        secretText,
        fc.constantFrom(...Object.values(ways)),
        fc.boolean(),
        (key, address, secret, way, broken) => {
          const written = address(secret).replaceAll('\0', '')
          // The name of a variable is no secret.
          fc.pre(!/\$\{[^}]*$|^\$?\{/.test(written.split(marker)[0] ?? ''))
          const { toml, env } = way({ name: broken ? 'a b' : 'a', [key]: written }, written)
          writeFileSync(join(cwd, 'headwater.toml'), toml)
          expect(seen(cwd, env)).not.toContain(marker)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
