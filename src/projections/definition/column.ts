import type { ZodType, output } from 'zod'

/** The types that a column can have; `numeric` and `bigint` of any size come as texts and numbers, see `column`. */
export type ColumnKind = 'text' | 'numeric' | 'timestamp' | 'bigint' | 'integer' | 'boolean' | 'json'

/** A column of a projection's table, and the type of its values in a row. NOT NULL unless `nullable()`. */
export interface Column<Value = unknown> {
  readonly kind: ColumnKind
  readonly isKey: boolean
  readonly isNullable: boolean
  readonly isIndexed: boolean
  /** Never there: it carries the type. */
  readonly value?: Value
  /** The primary key, of which a projection has one, a text. */
  key(): Column<Value>
  nullable(): Column<Value | null>
  /** Adds a b-tree index of this column. */
  index(): Column<Value>
}

/** The columns of a projection, by name; one of them is the key. */
export type ColumnSet = Record<string, Column>

/** The row that a set of columns makes. */
export type RowOf<Columns extends ColumnSet> = {
  [Name in keyof Columns]: Columns[Name] extends Column<infer Value> ? Value : never
}

/** The columns of a projection, by what their values are in a row. */
export const column = {
  /** A string without U+0000, which PostgreSQL cannot hold. */
  text: () => make<string>('text'),
  /** A decimal number of any size as a string; it comes back as it was given: `"12.50"`. */
  numeric: () => make<string>('numeric'),
  /** ISO 8601 with its offset; it comes back in UTC with milliseconds. Stored as `timestamptz`. */
  timestamp: () => make<string>('timestamp'),
  /** A whole number that JavaScript holds exactly, up to ±(2^53 − 1). */
  bigint: () => make<number>('bigint'),
  /** A whole number of 32 bits. */
  integer: () => make<number>('integer'),
  boolean: () => make<boolean>('boolean'),
  /** Anything JSON, typed by a schema; stored as `jsonb`. The schema gives the type, rows are not parsed with it. */
  json: <Schema extends ZodType>(_schema: Schema) => make<output<Schema>>('json'),
}

interface Flags {
  isKey: boolean
  isNullable: boolean
  isIndexed: boolean
}

function make<Value>(
  kind: ColumnKind,
  flags: Flags = { isKey: false, isNullable: false, isIndexed: false },
): Column<Value> {
  return Object.freeze({
    kind,
    ...flags,
    key: () => make<Value>(kind, { ...flags, isKey: true }),
    nullable: () => make<Value | null>(kind, { ...flags, isNullable: true }),
    index: () => make<Value>(kind, { ...flags, isIndexed: true }),
  })
}
