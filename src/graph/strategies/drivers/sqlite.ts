import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect, type SqliteDatabase, sql } from 'kysely'
import type { AnyTables } from '../../../projections/definition/definition.ts'
import { DatabaseUrlError, UnsuitedError } from '../errors.ts'
import { selectIn } from './statement.ts'
import type { TableDriver, TableDriverOptions } from './table-driver.ts'
import { translator } from './translate.ts'

/** SQLITE_MAX_VARIABLE_NUMBER. */
const MAX_KEY_VALUES = 32_000

/**
 * Reads tables of a SQLite file, `sqlite:path`, through Node's own `node:sqlite`. It reads in this thread, so that it is for
 * small tables near by; a file that a writer holds fails at once rather than keep the process waiting.
 */
export function openSqlite(options: TableDriverOptions): TableDriver {
  const path = options.url.replace(/^sqlite:(\/\/(?=\/))?/, '')
  if (path === '') throw new DatabaseUrlError(options.subgraph)
  const translated = translator({ subgraph: options.subgraph, url: path }, () => 'failure')
  let opened: Kysely<AnyTables> | undefined

  /** At the first statement, and again after it failed: a file may come later than the gateway. */
  function database(): Kysely<AnyTables> {
    return (opened ??= new Kysely<AnyTables>({
      dialect: new SqliteDialect({ database: async () => adapter(await openFile(path)) }),
    }))
  }

  async function settled<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      const failed = opened
      opened = undefined
      await failed?.destroy().catch(() => undefined)
      throw translated(error)
    }
  }

  return {
    maxKeyValues: MAX_KEY_VALUES,
    async select(query, keys) {
      const { rows } = await settled(selectIn(query, keys).execute(database()))
      return rows
    },
    async ping() {
      await settled(sql`select 1`.execute(database()))
    },
    async close() {
      await opened?.destroy()
      opened = undefined
    },
  }
}

async function openFile(path: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite')
  return new DatabaseSync(path, { readOnly: true, timeout: 0 })
}

/** `node:sqlite` in the shape of better-sqlite3, which Kysely's dialect is made for. */
function adapter(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(text) {
      const statement = database.prepare(text)
      // Numbers beyond 2^53 would be refused otherwise.
      statement.setReadBigInts(true)
      return {
        reader: true,
        all: (parameters) => statement.all(...parameters.map(input)),
        run: (parameters) => statement.run(...parameters.map(input)),
        iterate: (parameters) => statement.iterate(...parameters.map(input)),
      }
    },
  }
}

function input(value: unknown): SQLInputValue {
  if (typeof value === 'string' || typeof value === 'number') return value
  throw new UnsuitedError('a key that is neither text nor number')
}
