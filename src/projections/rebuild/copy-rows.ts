import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Column } from '../definition/column.ts'
import type { FoldProjection, Row } from '../definition/definition.ts'
import { quoted } from '../definition/identifiers.ts'

/** Characters in one message to the server: some thousand rows. */
const CHUNK = 256 * 1024

/** Adds rows that are not there yet, by COPY: about three times as fast as any INSERT. Throws the driver's errors. */
export async function copyRows(
  client: ClientBase,
  table: string,
  { columns }: FoldProjection,
  rows: Iterable<Row>,
): Promise<void> {
  const list = Object.entries(columns)
  const names = list.map(([name]) => quoted(name)).join(', ')
  const target = client.query(copyFrom(`copy ${quoted(table)} (${names}) from stdin`))
  await pipeline(Readable.from(chunks(list, rows)), target)
}

/** Rows in COPY's text format. https://www.postgresql.org/docs/18/sql-copy.html#id-1.9.3.55.9.2 */
function* chunks(columns: [string, Column][], rows: Iterable<Row>): Generator<string> {
  let text = ''
  for (const row of rows) {
    let separator = ''
    for (const [name, column] of columns) {
      text += separator + field(column, row[name])
      separator = '\t'
    }
    text += '\n'
    if (text.length >= CHUNK) {
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

function field({ kind, isNullable }: Column, value: unknown): string {
  // In a column of JSON that is not nullable, null is JSON's own.
  if (value === null && isNullable) return String.raw`\N`
  if (kind === 'json') return escaped(JSON.stringify(value))
  return kind === 'text' ? escaped(String(value)) : String(value)
}

const SPECIAL = /[\\\t\n\r]/
const ALL_SPECIAL = /[\\\t\n\r]/g
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function escaped(text: string): string {
  return SPECIAL.test(text) ? text.replace(ALL_SPECIAL, (character) => ESCAPES[character] ?? '') : text
}
