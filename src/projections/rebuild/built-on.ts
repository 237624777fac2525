import { type Transaction, sql } from 'kysely'
import type { KernelTables } from '../database/kernel-tables.ts'

/** The views, and the tables with references, that others have built on these tables: what keeps them from being dropped. */
export async function builtOn(
  tx: Transaction<KernelTables>,
  schema: string,
  tables: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with ours as (
      select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname = any(${[...tables]}))
    select distinct other.oid::regclass::text as name from pg_class other
    where other.oid not in (select oid from ours) and (
      other.oid in (
        select r.ev_class from pg_rewrite r
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        where d.refclassid = 'pg_class'::regclass and d.refobjid in (select oid from ours))
      or other.oid in (select conrelid from pg_constraint where contype = 'f' and confrelid in (select oid from ours)))
    order by 1`.execute(tx)
  return rows.map(({ name }) => name)
}
