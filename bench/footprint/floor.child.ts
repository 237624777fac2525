import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Kysely, PostgresDialect, sql } from 'kysely'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { Pool } from 'pg'
import { z } from 'zod'
import { startEmbeddedNats, startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'
import { childOptions, serve } from '../support/child.ts'

/*
 * The least that a service on these parts can be: both servers, a connection to each, a graph that says hello. Who builds
 * without Headwater starts here.
 */
const { dataDir } = childOptions(z.object({ dataDir: z.string() }))
const host = '127.0.0.1'
const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const [nats, postgres] = await Promise.all([
  startEmbeddedNats({ dataDir, host, port: 0, logger }),
  startEmbeddedPostgres({ dataDir, host, port: 0, database: 'headwater', logger }),
])
const nc = await connect({ servers: nats.url })
await jetstreamManager(nc)
const pool = new Pool({ connectionString: postgres.url })
const database = new Kysely({ dialect: new PostgresDialect({ pool }) })
await sql`select 1`.execute(database)
const app = Fastify()
await app.register(mercurius, {
  schema: 'type Query { hello: String }',
  resolvers: { Query: { hello: () => 'hello' } },
})
await app.listen({ host, port: 0 })

serve(
  () => Promise.resolve({ nats: nats.pid, postgres: postgres.pid }),
  async () => {
    await app.close()
    await database.destroy()
    await nc.close()
    await Promise.all([nats.stop(), postgres.stop()])
  },
)
