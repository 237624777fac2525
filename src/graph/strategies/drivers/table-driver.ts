import type { ValueKind } from '../entity-mapping.ts'

/** What is read of a table: some columns of the rows with certain keys. */
export interface TableQuery {
  readonly schema: string | undefined
  readonly table: string
  readonly columns: readonly TableColumn[]
  /** The columns of the key; they are among `columns`. */
  readonly key: readonly string[]
}

export interface TableColumn {
  readonly column: string
  readonly kind: ValueKind
}

/** Never an object: drivers make SQL of those. */
export type KeyValue = string | number

/** By column. Values are text wherever the driver can give it. */
export type RawRow = Readonly<Record<string, unknown>>

/** A database that rows are read from, and nothing is ever written to. */
export interface TableDriver {
  /** The most values of keys that a statement can have. */
  readonly maxKeyValues: number
  /**
   * The rows with these keys, in any order: one statement.
   *
   * @param keys values in the order of the key's columns
   * @param signal what waits for the rows no longer wants them; a connection that is not done then is given up
   * @throws UnsuitedError when the database refuses a value; StepTimeoutError when it stopped the statement;
   *   TableReadError when it failed
   */
  select(
    query: TableQuery,
    keys: readonly (readonly KeyValue[])[],
    signal: AbortSignal,
  ): Promise<readonly RawRow[]>
  /** Resolves when the database answers, rejects with TableReadError otherwise. */
  ping(signal: AbortSignal): Promise<void>
  /** What is under way is finished first. */
  close(): Promise<void>
}

export interface TableDriverOptions {
  /** For errors. */
  subgraph: string
  /** `postgres://…`, `mysql://…`, `mariadb://…`, `mssql://…` or `sqlite:path` */
  url: string
  /** PostgreSQL: where tables are that name no schema; `public` unless given. */
  schema?: string
  /** The most connections. */
  poolSize: number
  /** How long the database may work on a statement, in milliseconds. */
  statementTimeoutMs: number
  connectTimeoutMs: number
}
