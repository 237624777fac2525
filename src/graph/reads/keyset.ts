import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import { BadUserInputError } from '../errors.ts'
import { type Condition, allOf, conditionSql } from './select-rows.ts'

/** A page of a table's rows, in the order of a column and, where that is equal, of the id. Plain data. */
export interface KeysetRequest<Row> {
  table: string
  conditions: Condition<Row>[]
  /** The column that the rows are ordered by; it must not be null. */
  column: keyof Row & string
  descending: boolean
  /** The last row of the page before: the text of its column, and its id. */
  after: readonly [key: string, id: string] | undefined
  limit: number
}

/** A row and where it stands. The key is the exact text of the column: a float or a Date would lose digits. */
export type KeysetRow<Row> = Row & { id: string; ordering_key: string; parent_id: string }

/** Rows of a list a parent: only those whose `column` is one of `values`, each value with a page of its own. */
export interface Scope<Row> {
  column: keyof Row & string
  values: string[]
}

/**
 * Reads a page, or with a scope a page for each of its values, in one statement. Rows that are inserted meanwhile move
 * no page: a page starts after a value, not after a count.
 *
 * @throws BadUserInputError when the database cannot read a value of the conditions or of the cursor
 */
export async function selectPage<Row>(
  db: QueryExecutorProvider,
  request: KeysetRequest<Row>,
  scope?: Scope<Row>,
): Promise<KeysetRow<Row>[]> {
  const { table, column, descending, limit } = request
  const key = sql.ref(`t.${column}`)
  const direction = sql.raw(descending ? 'desc' : 'asc')
  const within = scope ? [sql`${sql.ref(`t.${scope.column}`)} = k.scope`] : []
  const page = sql<KeysetRow<Row>>`
    select t.*, to_json(${key}) #>> '{}' as ordering_key from ${sql.table(table)} as t
    where ${allOf([...within, ...filters(request), ...beyond(request)])}
    order by ${key} ${direction}, t.id ${direction} limit ${limit}`
  if (!scope) return await read(db, page, request)
  return await read(
    db,
    sql<KeysetRow<Row>>`
      select t.*, k.scope as parent_id from unnest(${scope.values}::text[]) as k(scope) cross join lateral (${page}) as t
      order by ${key} ${direction}, t.id ${direction}`,
    request,
  )
}

/** How many rows there are on all pages together; with a scope, for each of its values that has some. */
export async function countRows<Row>(
  db: QueryExecutorProvider,
  request: KeysetRequest<Row>,
  scope?: Scope<Row>,
): Promise<Map<string, number>> {
  const group = scope ? sql`${sql.ref(`t.${scope.column}`)}` : sql`''`
  const within = scope ? [sql`${group} = any(${scope.values})`] : []
  const rows = await read(
    db,
    sql<{ scope: string; count: number | string }>`
      select ${group} as scope, count(*) as count from ${sql.table(request.table)} as t
      where ${allOf([...within, ...filters(request)])} group by 1`,
    request,
  )
  return new Map(rows.map(({ scope, count }) => [scope, Number(count)]))
}

const filters = <Row>({ conditions }: KeysetRequest<Row>) => conditions.flatMap((one) => conditionSql(one))

function beyond<Row>({ after, column, descending }: KeysetRequest<Row>): RawBuilder<unknown>[] {
  if (!after) return []
  // The comparison of rows gives each parameter the type of its column, so the text is read back exactly.
  return [sql`(${sql.ref(`t.${column}`)}, t.id) ${sql.raw(descending ? '<' : '>')} (${sql.join(after)})`]
}

async function read<Result, Row>(
  db: QueryExecutorProvider,
  query: RawBuilder<Result>,
  { after }: KeysetRequest<Row>,
): Promise<Result[]> {
  try {
    const { rows } = await query.execute(db)
    return rows
  } catch (error) {
    if (!isDataException(error)) throw error
    throw new BadUserInputError(after ? 'after' : 'filter', 'holds a value that is out of range')
  }
}

/** SQLSTATE class 22: a value that its type cannot hold. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const isDataException = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('22')
