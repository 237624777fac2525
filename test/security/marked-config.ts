import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What must be seen nowhere: one for each key, so that a leak says which. No pattern could know them for secrets. */
export const marker = (key: string) => `zq7${key.replace(/[^a-z]/g, '')}zq7`

/** As any of them looks. */
export const ANY_MARKER = /zq7[a-z]*zq7/g

const at = (scheme: string, key: string, place: string) => `${scheme}://marked:${marker(key)}@${place}`
/** Nobody listens there. */
const NOBODY = '127.0.0.1:9'

/** A right value for each key that can have a secret in it. */
export const SECRET_VALUES: Readonly<Record<string, string>> = {
  'nats.url': at('nats', 'nats.url', NOBODY),
  'nats.password': marker('nats.password'),
  'nats.token': marker('nats.token'),
  'postgres.url': at('postgres', 'postgres.url', `${NOBODY}/none`),
  'graph.cursor_secret': marker('graph.cursor_secret').padEnd(40, 'x'),
  'federation.subgraphs[0].graphql_url': at('http', 'federation.graphql_url', `${NOBODY}/graphql`),
  'federation.subgraphs[0].subscriptions_url': at('ws', 'federation.subscriptions_url', `${NOBODY}/graphql`),
  'federation.subgraphs[0].database_url': at('postgres', 'federation.database_url', `${NOBODY}/none`),
}

/** The keys of files that hold a secret; all others are there to be seen. */
export const SECRET_FILES: Readonly<Record<string, string>> = {
  'nats.credentials_file': 'user.creds',
  'nats.tls.key_file': 'key.pem',
}

const variable = (key: string) => `HEADWATER_${key.replaceAll('.', '_').toUpperCase()}`
const valueOf = (key: string) => SECRET_VALUES[key] ?? ''

const PEM = (text: string) => `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`

/** Writes the files that hold secrets, none of them a right one; and a schema. */
export function writeSecretFiles(folder: string): void {
  writeFileSync(join(folder, 'user.creds'), `-----BEGIN NATS USER JWT-----\n${marker('creds')}\n`)
  writeFileSync(join(folder, 'key.pem'), PEM(marker('key')))
  writeFileSync(join(folder, 'cert.pem'), PEM('none'))
  writeFileSync(
    join(folder, 'elsewhere.graphql'),
    'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! name: String }',
  )
}

const TABLES = { Thing: { table: 'thing', key: { id: 'id' }, fields: { name: { column: 'name' } } } }

/**
 * An environment with every secret that goes with every other.
 * @param more keys of the subgraph
 */
export function markedEnvironment(more: object = {}): Record<string, string> {
  const subgraph = Object.entries(SECRET_VALUES).flatMap(([key, value]) => {
    const [, name] = key.split('[0].')
    return name === undefined ? [] : [[name, value]]
  })
  return {
    NATS_URL: valueOf('nats.url'),
    DATABASE_URL: valueOf('postgres.url'),
    [variable('graph.cursor_secret')]: valueOf('graph.cursor_secret'),
    HEADWATER_FEDERATION_SUBGRAPHS: JSON.stringify([
      {
        name: 'elsewhere',
        fdw_schema: 'elsewhere',
        entities: TABLES,
        ...Object.fromEntries(subgraph),
        ...more,
      },
    ]),
    HEADWATER_GATEWAY_PATIENCE_MS: '0',
  }
}

/** The ways to log in to NATS, of which there is one at a time. */
export const LOGINS: readonly Readonly<Record<string, string>>[] = [
  { HEADWATER_NATS_USER: 'marked', [variable('nats.password')]: valueOf('nats.password') },
  { [variable('nats.token')]: valueOf('nats.token') },
  { HEADWATER_NATS_CREDENTIALS_FILE: 'user.creds' },
  { HEADWATER_NATS_TLS_CERT_FILE: 'cert.pem', HEADWATER_NATS_TLS_KEY_FILE: 'key.pem' },
  // What NATS reads as an address: without a scheme, and a token alone.
  { NATS_URL: `marked:${marker('nats.url')}@${NOBODY}` },
  { NATS_URL: `${marker('nats.url')}@${NOBODY}` },
]
