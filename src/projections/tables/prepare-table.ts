import { type Transaction, sql } from 'kysely'
import { SQL_TYPES } from './array-literal.ts'
import { quoted, viewOf } from '../definition/identifiers.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import type { ProjectionDefinition, AnyTables, FoldProjection } from '../definition/definition.ts'

/**
 * Creates what a projection writes to, under the given name. Answers every table that it made.
 * @throws TypeError when the projection's own migration does not create it
 */
export async function createTables(
  tx: Transaction<KernelTables>,
  projection: ProjectionDefinition,
  schema: string,
  table: string,
): Promise<string[]> {
  if (projection.kind === 'fold') {
    await createColumns(tx, projection, table)
    await addIndexes(tx, projection, table)
  } else await projection.migrate(anyTables(tx).withSchema(schema), table)
  const tables = await tablesOf(tx, schema, table)
  if (!tables.includes(table)) {
    throw new TypeError(`The migration of the projection ${projection.name} has to create ${table}`)
  }
  return tables
}

/** Creates the view that readers select from, over the given table. */
export async function createView(
  tx: Transaction<KernelTables>,
  projection: string,
  table: string,
): Promise<void> {
  await tx.schema
    .createView(viewOf(projection))
    .as(tx.selectFrom(sql`${sql.table(table)}`.as('t')).selectAll())
    .execute()
}

/** Drops the tables. Fails, and changes nothing, where something else was built on them. */
export async function dropTables(tx: Transaction<KernelTables>, tables: readonly string[]): Promise<void> {
  if (tables.length > 0) await sql`drop table if exists ${sql.raw(tables.map(quoted).join(', '))}`.execute(tx)
}

/** A fold's table without its key: rows are added fastest so. */
export async function createColumns(
  tx: Transaction<KernelTables>,
  { columns }: FoldProjection,
  table: string,
): Promise<void> {
  let create = tx.schema.createTable(table)
  for (const [name, { kind, isNullable }] of Object.entries(columns)) {
    create = create.addColumn(name, sql.raw(SQL_TYPES[kind]), (column) =>
      isNullable ? column : column.notNull(),
    )
  }
  await create.execute()
}

/** The primary key of a fold's table, if it has none yet. */
export async function addKey(
  tx: Transaction<KernelTables>,
  { keyColumn }: FoldProjection,
  table: string,
): Promise<void> {
  const { rows } = await sql`
    select 1 from pg_index where indrelid = ${quoted(table)}::regclass and indisprimary`.execute(tx)
  if (rows.length > 0) return
  await sql`alter table ${sql.table(table)} add primary key (${sql.ref(keyColumn)})`.execute(tx)
}

/** The primary key, and the indexes that the columns ask for. */
export async function addIndexes(
  tx: Transaction<KernelTables>,
  projection: FoldProjection,
  table: string,
): Promise<void> {
  await addKey(tx, projection, table)
  for (const [name, { isIndexed, isKey }] of Object.entries(projection.columns)) {
    // Without a name: PostgreSQL then finds one that is free, whatever the table is renamed to later.
    if (isIndexed && !isKey) await sql`create index on ${sql.table(table)} (${sql.ref(name)})`.execute(tx)
  }
}

/** The table and those beside it, `<table>_…`, as `migrate` is told to name them. */
export async function tablesOf(
  tx: Transaction<KernelTables>,
  schema: string,
  table: string,
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables
    where schemaname = ${schema} and (tablename = ${table} or starts_with(tablename, ${`${table}_`}))
    order by 1`.execute(tx)
  return rows.map(({ name }) => name)
}

/** The same transaction for the tables of an author, whose columns the kernel does not know. */
export function anyTables(tx: Transaction<KernelTables>): Transaction<AnyTables> {
  return tx.$extendTables<AnyTables>().$omitTables<keyof KernelTables>()
}
