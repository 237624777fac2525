import { Kysely, MssqlDialect, type Tarn, type Tedious, sql } from 'kysely'
import type { AnyTables } from '../../../projections/definition/definition.ts'
import { DatabaseDriverMissingError, DatabaseUrlError } from '../errors.ts'
import { type SelectColumn, selectIn } from './statement.ts'
import type { TableDriver, TableDriverOptions } from './table-driver.ts'
import { translator } from './translate.ts'

/** 2,100 is what a request has room for. */
const MAX_KEY_VALUES = 2000

/**
 * EXPERIMENTAL: nobody has run this on a SQL Server yet. Reads its tables through Kysely's dialect on `tedious` and `tarn`,
 * both optional packages.
 *
 * @throws DatabaseDriverMissingError when one of them is not installed
 */
export async function openMssql(options: TableDriverOptions): Promise<TableDriver> {
  const { Connection, ...tedious } = await load('tedious', isTedious)
  const { Pool } = await load('tarn', isTarn)
  const config = configuration(options)
  const db = new Kysely<AnyTables>({
    dialect: new MssqlDialect({
      tarn: {
        Pool,
        options: { min: 0, max: options.poolSize, acquireTimeoutMillis: options.connectTimeoutMs },
      },
      tedious: { ...tedious, connectionFactory: () => new Connection(config) },
    }),
  })
  const translated = translator(options, (code) => (code === 'ETIMEOUT' ? 'timeout' : 'failure'))
  return {
    maxKeyValues: MAX_KEY_VALUES,
    async select(query, keys) {
      try {
        const { rows } = await selectIn(query, keys, selectText).execute(db)
        return rows
      } catch (error) {
        throw translated(error)
      }
    },
    async ping() {
      try {
        await sql`select 1 as one`.execute(db)
      } catch (error) {
        throw translated(error)
      }
    },
    close: () => db.destroy(),
  }
}

/** Text where tedious would make a floating-point number or a Date of the value. Style 126 is ISO 8601. */
const selectText: SelectColumn = ({ column, kind }) => {
  const name = sql.id(column)
  if (kind === 'decimal' || kind === 'long') return sql`convert(varchar(64), ${name}) as ${name}`
  if (kind === 'datetime') return sql`convert(varchar(33), ${name}, 126) as ${name}`
  return kind === 'date' ? sql`convert(varchar(10), ${name}, 23) as ${name}` : name
}

function configuration({ subgraph, url, connectTimeoutMs, statementTimeoutMs }: TableDriverOptions): object {
  const address = URL.parse(url)
  if (!address) throw new DatabaseUrlError(subgraph)
  return {
    server: address.hostname,
    authentication: {
      type: 'default',
      options: {
        userName: decodeURIComponent(address.username),
        password: decodeURIComponent(address.password),
      },
    },
    options: {
      port: Number(address.port || 1433),
      database: decodeURIComponent(address.pathname.slice(1)),
      encrypt: address.searchParams.get('encrypt') !== 'false',
      trustServerCertificate: address.searchParams.get('trustServerCertificate') === 'true',
      connectTimeout: connectTimeoutMs,
      requestTimeout: statementTimeoutMs,
      useUTC: true,
    },
  }
}

interface TediousPackage extends Omit<Tedious, 'connectionFactory'> {
  Connection: new (config: object) => Awaited<ReturnType<Tedious['connectionFactory']>>
}

async function load<T>(name: string, isPackage: (loaded: unknown) => loaded is T): Promise<T> {
  const loaded: unknown = await import(name).catch(() => undefined)
  if (!isPackage(loaded)) throw new DatabaseDriverMissingError('SQL Server', 'tedious tarn')
  return loaded
}

function isTedious(loaded: unknown): loaded is TediousPackage {
  return typeof loaded === 'object' && loaded !== null && 'Connection' in loaded && 'TYPES' in loaded
}

function isTarn(loaded: unknown): loaded is Pick<Tarn, 'Pool'> {
  return typeof loaded === 'object' && loaded !== null && 'Pool' in loaded
}
