import { DatabaseUrlError } from '../errors.ts'
import { openMssql } from './mssql.ts'
import { openMysql } from './mysql.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { TableDriver, TableDriverOptions } from './table-driver.ts'

export interface OpenTableDriverOptions extends Pick<TableDriverOptions, 'subgraph' | 'url'> {
  schema?: string
  /** 10 unless given. */
  poolSize?: number
  /** 2,000 unless given. */
  statementTimeoutMs?: number
  /** 5,000 unless given. */
  connectTimeoutMs?: number
}

/**
 * Opens the database that a `database_url` names, by its scheme. Nothing is connected before it is needed: a database that
 * is down makes its steps fail, not the gateway.
 *
 * @throws DatabaseUrlError when there is no such scheme; DatabaseDriverMissingError when an optional package is missing
 */
export async function openTableDriver(given: OpenTableDriverOptions): Promise<TableDriver> {
  const options = { poolSize: 10, statementTimeoutMs: 2000, connectTimeoutMs: 5000, ...given }
  const scheme = /^([a-z]+):/.exec(options.url)?.[1]
  if (scheme === 'postgres' || scheme === 'postgresql') return openPostgres(options)
  if (scheme === 'sqlite') return openSqlite(options)
  if ((scheme === 'mysql' || scheme === 'mariadb') && URL.canParse(options.url)) return openMysql(options)
  if (scheme === 'mssql') return openMssql(options)
  throw new DatabaseUrlError(options.subgraph)
}
