import { type DatabaseIntrospector, Kysely, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Database } from './database.ts'

/** Brings the kernel's own tables to this release's form. Several processes may call it at once: one does it. */
export async function migrateKernel({ pool, schema }: Database): Promise<void> {
  const dialect = new PostgresDialect({ pool })
  const migrator = new Migrator({
    db: new Kysely({
      dialect: {
        createAdapter: () => dialect.createAdapter(),
        createDriver: () => dialect.createDriver(),
        createQueryCompiler: () => dialect.createQueryCompiler(),
        createIntrospector: (db: Kysely<unknown>) => tableNames(db, dialect.createIntrospector(db), schema),
      },
    }),
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: schema,
    migrationTableName: 'tb_headwater_migration',
    migrationLockTableName: 'tb_headwater_migration_lock',
    // During a rolling deploy an older release meets migrations that it does not know; the tables then are newer, and fit.
    allowUnorderedMigrations: true,
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

/**
 * Says the names of the schema's tables and nothing of their columns, which is all that the migrator looks for. Kysely's own
 * asks for the sequence of every column of the whole database, and that is an error ("relation does not exist") where a
 * table is dropped at this moment: by a rebuild in another process, or by another program.
 */
function tableNames(db: Kysely<unknown>, whole: DatabaseIntrospector, schema: string): DatabaseIntrospector {
  return {
    getSchemas: () => whole.getSchemas(),
    async getTables() {
      const { rows } = await sql<{ name: string }>`
        select tablename as name from pg_tables where schemaname = ${schema}`.execute(db)
      return rows.map(({ name }) => ({ name, schema, isView: false, isForeign: false, columns: [] }))
    },
  }
}

/** By name, in order. One that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0001_projections': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('tb_projection')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('shape', 'text', (column) => column.notNull())
        .addColumn('table_name', 'text', (column) => column.notNull())
        .addColumn('tables', sql`text[]`, (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('last_error', 'text')
        .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .execute()
      await db.schema
        .createTable('tb_projection_checkpoint')
        .addColumn('projection', 'text', (column) =>
          column.notNull().references('tb_projection.name').onDelete('cascade'),
        )
        .addColumn('stream', 'text', (column) => column.notNull())
        .addColumn('stream_created', 'text', (column) => column.notNull())
        .addColumn('subjects', sql`text[]`, (column) => column.notNull())
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addPrimaryKeyConstraint('tb_projection_checkpoint_pkey', ['projection', 'stream'])
        .execute()
    },
  },
  '0002_generations': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('tb_projection')
        .addColumn('retired_shapes', sql`text[]`, (column) => column.notNull().defaultTo(sql`'{}'`))
        .execute()
      await db.schema
        .alterTable('tb_projection_checkpoint')
        .addColumn('generation', 'integer', (column) => column.notNull().defaultTo(1))
        .execute()
    },
  },
  '0003_parked_events': {
    async up(db: Kysely<unknown>) {
      const key = ['projection', 'target', 'stream', 'sequence', 'event_index'] as const
      await db.schema
        .createTable('tb_parked_event')
        .addColumn('projection', 'text', (column) =>
          column.notNull().references('tb_projection.name').onDelete('cascade'),
        )
        .addColumn('target', 'text', (column) => column.notNull())
        .addColumn('stream', 'text', (column) => column.notNull())
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .addColumn('event_index', 'integer', (column) => column.notNull())
        .addColumn('aggregate', 'text', (column) => column.notNull())
        .addColumn('aggregate_id', 'text', (column) => column.notNull())
        .addColumn('event_id', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('code', 'text')
        .addColumn('cause', 'text')
        .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('action', 'text')
        .addColumn('parked_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addPrimaryKeyConstraint('tb_parked_event_pkey', [...key])
        .execute()
    },
  },
  '0004_jobs': {
    async up(db: Kysely<unknown>) {
      const now = sql`now()`
      await db.schema
        .createTable('tb_projection_job')
        .addColumn('projection', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('phase', 'text', (column) => column.notNull().defaultTo(''))
        .addColumn('options', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'`))
        .addColumn('version', 'integer')
        .addColumn('shape', 'text')
        .addColumn('positions', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'`))
        .addColumn('events', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('events_total', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('rate', 'double precision', (column) => column.notNull().defaultTo(0))
        .addColumn('error', 'text')
        .addColumn('result', 'jsonb')
        .addColumn('cancel_requested', 'boolean', (column) => column.notNull().defaultTo(false))
        .addColumn('requested_at', 'timestamptz', (column) => column.notNull().defaultTo(now))
        .addColumn('started_at', 'timestamptz')
        .addColumn('finished_at', 'timestamptz')
        .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(now))
        .addPrimaryKeyConstraint('tb_projection_job_pkey', ['projection', 'kind'])
        .execute()
    },
  },
  '0005_parked_event_indexes': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createIndex('ix_parked_event_aggregate')
        .on('tb_parked_event')
        .columns(['projection', 'target', 'aggregate', 'aggregate_id', 'sequence', 'event_index'])
        .execute()
      await sql`
        create index ix_parked_event_action on tb_parked_event (projection, target) where action is not null`.execute(
        db,
      )
    },
  },
  '0006_runner_figures': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('tb_projection')
        .addColumn('rate', 'double precision')
        .addColumn('batch_size', 'integer')
        .addColumn('figures_at', 'timestamptz')
        .execute()
    },
  },
  '0007_commit_copies': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('tb_copied_stream')
        .addColumn('id', 'integer', (column) => column.generatedAlwaysAsIdentity().primaryKey())
        .addColumn('stream', 'text', (column) => column.notNull().unique())
        .addColumn('stream_created', 'text', (column) => column.notNull())
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('tb_commit_copy')
        .addColumn('stream_id', 'integer', (column) => column.notNull())
        .addColumn('aggregate', sql`text collate "C"`, (column) => column.notNull())
        .addColumn('aggregate_id', sql`text collate "C"`, (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .addColumn('events', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('tb_commit_copy_pkey', ['stream_id', 'aggregate', 'aggregate_id', 'version'])
        .execute()
    },
  },
  '0008_checkpoint_messages': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('tb_projection_checkpoint')
        .addColumn('recorded_sequence', 'bigint')
        .addColumn('recorded_at', 'bigint')
        .execute()
    },
  },
}
