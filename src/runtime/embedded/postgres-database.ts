import { Client } from 'pg'
import { EmbeddedServerError, failedWith, reason } from './errors.ts'

/** Logs in to the database, creating it where it is missing: the server is not ready before a client can do that. */
export async function ensureDatabase(url: string): Promise<void> {
  try {
    await withClient(url, (client) => client.query('select 1'))
  } catch (error) {
    // 3D000, invalid_catalog_name: there is no such database.
    if (!failedWith(error, '3D000')) throw notReached(error)
    await createDatabase(url)
  }
}

async function createDatabase(url: string): Promise<void> {
  const maintenance = new URL(url)
  const name = decodeURIComponent(maintenance.pathname.slice(1))
  maintenance.pathname = '/postgres'
  try {
    await withClient(maintenance.href, (client) =>
      client.query(`create database ${client.escapeIdentifier(name)}`),
    )
  } catch (error) {
    throw notReached(error)
  }
}

async function withClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  })
  // A server that goes away meanwhile also says so as an event, which would end this process if nobody listened.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}

function notReached(error: unknown): EmbeddedServerError {
  const hint = failedWith(error, '28P01')
    ? ' The password in postgres.password is not the one that the data was made with: restore it, or move the data away.'
    : ''
  return new EmbeddedServerError(
    'POSTGRES_START_FAILED',
    `The embedded PostgreSQL runs but cannot be used: ${reason(error)}.${hint}`,
    error,
  )
}
