import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Database } from './database.ts'

/** Brings the kernel's own tables to this release's form. Several processes may call it at once: one does it. */
export async function migrateKernel({ db, schema }: Database): Promise<void> {
  const migrator = new Migrator({
    db,
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
}
