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
export type KeysetRow<Row> = Row & { id: string; orderingKey: string }

/** What a list is asked for. What is not asked for is neither read nor counted. */
export interface Wanted {
  rows: boolean
  /** How many rows there are on all pages together. */
  count: boolean
}

/** What was asked for of a list: else no rows, or 0. */
export interface KeysetPage<Row> {
  rows: KeysetRow<Row>[]
  count: number
}

/** Rows of a list a parent: only those whose `column` is one of `values`, each value with a page of its own. */
export interface Scope<Row> {
  column: keyof Row & string
  values: string[]
}

/** What the statement answers: the names are no column's, which have no capitals. A list without rows has one that is none. */
type Read<Row> = { scopeOf: string; totalCount: number | string } & (
  ({ isRow: true } & KeysetRow<Row>) | { isRow: false }
)

/**
 * Reads a page and how many rows there are, or with a scope that for each of its values, in one statement: so that the two
 * are of one moment, and the count never speaks of a row that the page knows nothing of. Rows that are inserted meanwhile
 * move no page: a page starts after a value, not after a count.
 *
 * @returns the page of each value of the scope; without a scope the one of `''`
 * @throws BadUserInputError when the database cannot read a value of the conditions or of the cursor
 */
export async function readPages<Row>(
  db: QueryExecutorProvider,
  request: KeysetRequest<Row>,
  wanted: Wanted,
  scope?: Scope<Row>,
): Promise<Map<string, KeysetPage<Row>>> {
  const scopes = scope?.values ?? ['']
  const pages = new Map(scopes.map((value): [string, KeysetPage<Row>] => [value, { rows: [], count: 0 }]))
  if (!wanted.rows && !wanted.count) return pages
  // The most common one by far needs no join, and no columns that say what it is.
  if (!scope && !wanted.count)
    return pages.set('', { rows: await read(db, pageOf(request), request), count: 0 })
  const parts = [
    wanted.count ? counted(request, scope) : NO_COUNT,
    wanted.rows ? paged(request, scope) : NO_ROWS,
  ]
  const found = await read(
    db,
    sql<Read<Row>>`
      select ${sql.join(parts.map(({ columns }) => columns))}, k.scope as "scopeOf"
      from unnest(${scopes}::text[]) as k(scope) ${sql.join(
        parts.map(({ joined }) => joined),
        sql` `,
      )}`,
    request,
  )
  for (const row of found) {
    const page = pages.get(row.scopeOf)
    if (!page) continue
    page.count = Number(row.totalCount)
    if (row.isRow) page.rows.push(row)
  }
  return pages
}

/** A part of the statement: what it selects, and what it joins to the values of the scope. */
interface Part {
  columns: RawBuilder<unknown>
  joined: RawBuilder<unknown>
}

const NO_COUNT: Part = { columns: sql`0 as "totalCount"`, joined: sql`` }
const NO_ROWS: Part = { columns: sql`false as "isRow"`, joined: sql`` }

function counted<Row>(request: KeysetRequest<Row>, scope: Scope<Row> | undefined): Part {
  const group = scope ? sql.ref(`t.${scope.column}`) : sql`''`
  const within = scope ? [sql`${group} = any(${scope.values})`] : []
  return {
    columns: sql`coalesce(c.count, 0) as "totalCount"`,
    joined: sql`left join (
      select ${group} as scope, count(*) as count from ${sql.table(request.table)} as t
      where ${allOf([...within, ...filters(request)])} group by 1) as c on c.scope = k.scope`,
  }
}

/** The last part, since it says the order. */
const paged = <Row>(request: KeysetRequest<Row>, scope: Scope<Row> | undefined): Part => ({
  columns: sql`t.*, t.id is not null as "isRow"`,
  joined: sql`left join lateral (${pageOf(request, scope)}) as t on true ${ordered(request)}`,
})

/** The page; with a scope, that of the value `k.scope`. */
function pageOf<Row>(request: KeysetRequest<Row>, scope?: Scope<Row>): RawBuilder<KeysetRow<Row>> {
  const { table, column, limit } = request
  const within = scope ? [sql`${sql.ref(`t.${scope.column}`)} = k.scope`] : []
  return sql`
    select t.*, to_json(${sql.ref(`t.${column}`)}) #>> '{}' as "orderingKey" from ${sql.table(table)} as t
    where ${allOf([...within, ...filters(request), ...beyond(request)])} ${ordered(request)} limit ${limit}`
}

function ordered<Row>({ column, descending }: KeysetRequest<Row>): RawBuilder<unknown> {
  const direction = sql.raw(descending ? 'desc' : 'asc')
  return sql`order by ${sql.ref(`t.${column}`)} ${direction}, t.id ${direction}`
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
