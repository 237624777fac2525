import { type Database, createDatabase } from '../projections/database/database.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { type Session, databaseUrl, withSession } from './session.ts'

class NoDatabaseError extends HeadwaterError {
  constructor() {
    super({
      code: 'NO_DATABASE',
      status: 503,
      detail:
        'No service runs in this folder (its data folder has no endpoints.json) and DATABASE_URL is not set',
    })
  }
}

/**
 * Connects to the service's NATS system and its PostgreSQL, does the work, and closes both.
 * @throws NoDatabaseError; what `withSession` and `createDatabase` throw
 */
export async function withDatabase<T>(
  work: (session: Session & { database: Database }) => Promise<T>,
): Promise<T> {
  return await withSession(async (session) => {
    const { config } = session
    const url = await databaseUrl(config)
    if (url === undefined) throw new NoDatabaseError()
    const database = await createDatabase({ ...config.postgres, url, poolSize: 2 })
    try {
      return await work({ ...session, database })
    } finally {
      await database.close()
    }
  })
}
