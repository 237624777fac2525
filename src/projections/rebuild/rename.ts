import { type Transaction, sql } from 'kysely'
import { quoted } from '../definition/identifiers.ts'
import type { KernelTables } from '../database/kernel-tables.ts'

const KINDS: Record<string, string> = {
  r: 'table',
  p: 'table',
  v: 'view',
  m: 'materialized view',
  S: 'sequence',
  i: 'index',
}

/**
 * Renames a table and everything whose name begins with its: the tables beside it, their indexes, their sequences. The
 * constraints' names go with their indexes.
 */
export async function renameAll(
  tx: Transaction<KernelTables>,
  schema: string,
  from: string,
  to: string,
): Promise<void> {
  const { rows } = await sql<{ name: string; kind: string }>`
    select c.relname as name, c.relkind::text as kind from pg_class c
    where c.relnamespace = ${quoted(schema)}::regnamespace
      and (c.relname = ${from} or starts_with(c.relname, ${`${from}_`})) and c.relkind in ('r', 'p', 'v', 'm', 'S', 'i')
    order by case when c.relkind in ('r', 'p') then 0 else 1 end`.execute(tx)
  for (const { name, kind } of rows) {
    const renamed = `${to}${name.slice(from.length)}`
    await sql`alter ${sql.raw(KINDS[kind] ?? 'table')} ${sql.table(name)} rename to ${sql.table(renamed)}`.execute(
      tx,
    )
  }
}

/** Gives who may read one relation the same rights on another; none when there is no such one. */
export async function copyRights(tx: Transaction<KernelTables>, from: string, to: string): Promise<void> {
  const { rows } = await sql<{ right: string; role: string }>`
    select a.privilege_type as right,
      case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as role
    from pg_class c, aclexplode(c.relacl) a
    where c.oid = to_regclass(${quoted(from)}) and a.grantee <> c.relowner`.execute(tx)
  for (const { right, role } of rows) {
    await sql`grant ${sql.raw(right)} on ${sql.table(to)} to ${sql.raw(role)}`.execute(tx)
  }
}
