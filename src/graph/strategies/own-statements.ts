import { quoted } from '../../projections/definition/identifiers.ts'
import { type PreparedStatement, preparedStatement } from '../../projections/database/prepared.ts'
import type { TableQuery } from './drivers/table-driver.ts'

/**
 * A statement stays prepared as long as its connection lives, and clients choose the columns: beyond so many combinations of
 * a table the whole row is read, by one statement for all of them.
 */
const MOST_STATEMENTS = 32

/** The statements that read columns of a table's rows by id, prepared; the same for the same columns in any order. */
export function columnStatements(table: string, most = MOST_STATEMENTS) {
  const known = new WeakMap<TableQuery, PreparedStatement>()
  const byText = new Map<string, PreparedStatement>()
  const wholeRow = preparedStatement(`select * from ${quoted(table)} where id = any($1)`)

  function find({ columns }: TableQuery): PreparedStatement {
    const names = columns.map(({ column }) => quoted(column)).toSorted()
    const text = `select ${names.join(', ')} from ${quoted(table)} where id = any($1)`
    const found = byText.get(text)
    if (found || byText.size >= most) return found ?? wholeRow
    const made = preparedStatement(text)
    byText.set(text, made)
    return made
  }

  return (query: TableQuery): PreparedStatement => {
    const found = known.get(query) ?? find(query)
    known.set(query, found)
    return found
  }
}
