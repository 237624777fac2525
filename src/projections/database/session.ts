import { Kysely, PostgresDialect } from 'kysely'
import { Client } from 'pg'
import { connectionOptions } from './connection-options.ts'
import type { Database } from './database.ts'
import type { KernelTables } from './kernel-tables.ts'

/**
 * The one connection of a runner. It holds the projection's lock and runs its transactions, so that who has lost the
 * lock cannot write any more: both go with the connection.
 */
export interface Session {
  readonly client: Client
  /** Over this connection only: one transaction at a time. */
  readonly db: Kysely<KernelTables>
  /** Aborted with the cause when the connection is gone. */
  readonly lost: AbortSignal
  /** Takes the lock if it is free. Session-wide: it goes with the connection. */
  tryLock(): Promise<boolean>
  /** Closes the connection; at once when it does not answer. */
  end(): Promise<void>
}

/** Looks to Kysely like a pool's client; to release it is to keep it. */
class SessionClient extends Client {
  release(): void {}
}

/**
 * The log is what has to be durable. After a crash of PostgreSQL the last half second of rows may be gone, and the
 * checkpoint with them: they are applied again. It saves a wait for the disk with every batch.
 * https://www.postgresql.org/docs/18/wal-async-commit.html
 */
const DURABILITY = { synchronous_commit: 'off' }

const END_PATIENCE_MS = 2000

/** What a connection is for: its lock keeps others from doing the same. */
export type Purpose = 'projection' | 'rebuild' | 'verify' | 'copies'

/** The statements of a rebuild are as long as its table is large. */
function limited(options: Database['options'], purpose: Purpose): Database['options'] {
  return purpose === 'projection' ? options : { ...options, statementTimeoutMs: 0 }
}

/** Throws the driver's error when PostgreSQL is not reached. */
export async function openSession(
  { options, schema }: Database,
  projection: string,
  purpose: Purpose = 'projection',
): Promise<Session> {
  const applicationName = `headwater ${purpose} ${projection}`.slice(0, 63)
  const client = new SessionClient(connectionOptions(limited(options, purpose), applicationName, DURABILITY))
  const lost = new AbortController()
  client.on('error', (error) => lost.abort(error))
  client.on('end', () => lost.abort(new Error('Connection terminated')))
  await client.connect()
  const pool = { connect: async () => client, end: async () => undefined, options: {} }
  // One lock for one projection and purpose in one schema of this database.
  const name = `headwater.${purpose}.${schema}.${projection}`
  return {
    client,
    db: new Kysely<KernelTables>({ dialect: new PostgresDialect({ pool }) }),
    lost: lost.signal,
    async tryLock() {
      const { rows } = await client.query<{ taken: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
        [name],
      )
      return rows[0]?.taken === true
    },
    async end() {
      const timer = setTimeout(() => client.connection.stream.destroy(), END_PATIENCE_MS)
      await client.end().catch(() => undefined)
      clearTimeout(timer)
    },
  }
}
