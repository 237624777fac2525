import { type Transaction, sql } from 'kysely'
import { SQL_TYPES } from './array-literal.ts'
import { quoted, tableOf, viewOf } from './identifiers.ts'
import type { KernelTables } from './kernel-tables.ts'
import type { ProjectionDefinition, AnyTables, FoldProjection } from './definition.ts'

/** Creates what a projection writes to, and the view over it. Answers every table that it made. */
export async function createTables(
  tx: Transaction<KernelTables>,
  projection: ProjectionDefinition,
  schema: string,
): Promise<string[]> {
  const table = tableOf(projection.name)
  if (projection.kind === 'fold') await createFoldTable(tx, projection, table)
  else await projection.migrate(anyTables(tx).withSchema(schema), table)
  const tables = await tablesOf(tx, schema, table)
  if (!tables.includes(table)) {
    throw new TypeError(`The migration of the projection ${projection.name} has to create ${table}`)
  }
  await tx.schema
    .createView(viewOf(projection.name))
    .as(tx.selectFrom(sql`${sql.table(table)}`.as('t')).selectAll())
    .execute()
  return tables
}

/** Drops the view and the tables. Fails, and changes nothing, where something else was built on them. */
export async function dropTables(
  tx: Transaction<KernelTables>,
  name: string,
  tables: string[],
): Promise<void> {
  await tx.schema.dropView(viewOf(name)).ifExists().execute()
  if (tables.length > 0) await sql`drop table if exists ${sql.raw(tables.map(quoted).join(', '))}`.execute(tx)
}

async function createFoldTable(
  tx: Transaction<KernelTables>,
  { columns }: FoldProjection,
  table: string,
): Promise<void> {
  let create = tx.schema.createTable(table)
  for (const [name, { kind, isKey, isNullable }] of Object.entries(columns)) {
    create = create.addColumn(name, sql.raw(SQL_TYPES[kind]), (column) => {
      if (isKey) return column.primaryKey()
      return isNullable ? column : column.notNull()
    })
  }
  await create.execute()
  for (const [name, { isIndexed, isKey }] of Object.entries(columns)) {
    // Without a name: PostgreSQL then finds one that is free, whatever the table is renamed to later.
    if (isIndexed && !isKey) await sql`create index on ${sql.table(table)} (${sql.ref(name)})`.execute(tx)
  }
}

/** The table and those beside it, `<table>_…`, as `migrate` is told to name them. */
async function tablesOf(tx: Transaction<KernelTables>, schema: string, table: string): Promise<string[]> {
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
