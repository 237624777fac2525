import type { ClientConfig } from 'pg'
import { assertSchemaName } from '../definition/identifiers.ts'
import { typeParsers } from './pg-types.ts'

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`; its own parameters (`sslmode`, `options`) hold. */
  url: string
  /** Holds every table; created when missing. */
  schema: string
  /** The most connections of the pool; a running projection has one more of its own. */
  poolSize: number
  /** How long a statement may take, in milliseconds; 0 for no limit. */
  statementTimeoutMs: number
}

const CONNECT_TIMEOUT_MS = 10_000
/** How much longer than the server's limit the client waits for an answer, in case the server is gone without a word. */
const ANSWER_MARGIN_MS = 5000

/**
 * What each of our connections is opened with: its schema, its limits, how it reads values, and how it shows up.
 * @param more settings of PostgreSQL for this connection
 */
export function connectionOptions(
  { url, schema, statementTimeoutMs }: DatabaseOptions,
  applicationName: string,
  more: Record<string, string> = {},
): ClientConfig {
  assertSchemaName(schema)
  const address = new URL(url)
  const given = address.searchParams.get('options')
  // The driver lets an address win over all else, so its options are joined with ours here.
  address.searchParams.delete('options')
  address.searchParams.delete('application_name')
  const settings = {
    search_path: `"${schema}"`,
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    statement_timeout: statementTimeoutMs,
    // A dead peer must not hold a projection's lock for the two hours of the kernel's defaults.
    tcp_keepalives_idle: 15,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    ...more,
  }
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  return {
    connectionString: address.href,
    application_name: applicationName,
    options: [...(given ? [given] : []), ...options].join(' '),
    types: typeParsers,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS }),
  }
}
