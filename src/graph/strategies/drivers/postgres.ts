import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely'
import { DatabaseError, Pool } from 'pg'
import { connectionOptions } from '../../../projections/database/connection-options.ts'
import type { AnyTables } from '../../../projections/definition/definition.ts'
import { DatabaseUrlError } from '../errors.ts'
import { selectAny } from './statement.ts'
import type { KeyValue, RawRow, TableDriver, TableDriverOptions, TableQuery } from './table-driver.ts'
import { type ErrorMeaning, translator } from './translate.ts'

/** One parameter for a key of one column; 65,535 is what the protocol has room for with others. */
const MAX_KEY_VALUES = 60_000
const QUERY_CANCELLED = '57014'

/** A server may have other defaults: floating-point numbers with all their digits, and nothing is ever written. */
const SESSION = { extra_float_digits: '1', default_transaction_read_only: 'on' }

/** Everything as text: `bigint` and `numeric` keep their digits, times their microseconds. */
const asText = { getTypeParser: () => (text: string | Buffer) => text }

/**
 * Reads tables of a PostgreSQL. Statements are Kysely's; they run on connections of our own, because one that is no longer
 * waited for has to be given up: a connection that has stalled would otherwise come back to the pool.
 */
export function openPostgres(options: TableDriverOptions): TableDriver {
  const { schema = 'public', poolSize, connectTimeoutMs } = options
  const pool = new Pool({
    ...settings({ ...options, schema }),
    types: asText,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    allowExitOnIdle: true,
  })
  // Unheard they would end the process; whoever uses the connection hears of it from the statement.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const compiler = new Kysely<AnyTables>({ dialect: new PostgresDialect({ pool }) })
  const translated = translator(options, meaningOf)
  const run = runnerOn(pool)
  const statements = new WeakMap<TableQuery, CompiledQuery>()

  /** With a key of one column the text is the same for any number of keys. */
  function statement(query: TableQuery, keys: readonly (readonly KeyValue[])[]) {
    const known = statements.get(query)
    if (known) return { text: known.sql, values: [keys.flat()] }
    const compiled = selectAny(query, keys).compile(compiler)
    if (query.key.length === 1) statements.set(query, compiled)
    return { text: compiled.sql, values: [...compiled.parameters] }
  }

  return {
    maxKeyValues: MAX_KEY_VALUES,
    async select(query, keys, signal) {
      const { text, values } = statement(query, keys)
      try {
        return await run(text, values, signal)
      } catch (error) {
        throw translated(error)
      }
    },
    async ping(signal) {
      try {
        await run(sql`select 1`.compile(compiler).sql, [], signal)
      } catch (error) {
        throw translated(error)
      }
    },
    close: () => pool.end(),
  }
}

type Run = (text: string, values: unknown[], signal: AbortSignal) => Promise<RawRow[]>

/** Runs statements, each on a connection that is given up when nobody waits for it any more. */
function runnerOn(pool: Pool): Run {
  return async (text, values, signal) => {
    const client = await pool.connect()
    let held = true
    const release = (broken: boolean) => {
      if (held) client.release(broken)
      held = false
    }
    const giveUp = () => release(true)
    if (signal.aborted) release(false)
    signal.throwIfAborted()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const { rows } = await client.query<RawRow>(text, values)
      release(false)
      return rows
    } catch (error) {
      release(!(error instanceof DatabaseError))
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }
}

function settings(options: TableDriverOptions & { schema: string }) {
  try {
    return connectionOptions(options, 'headwater-gateway', SESSION)
  } catch {
    // The parser's own error repeats the address, with the password.
    throw new DatabaseUrlError(options.subgraph)
  }
}

/** Class 22, data exception: a text that is no number or no uuid, or that holds U+0000. */
function meaningOf(code: string): ErrorMeaning {
  if (/^22[0-9A-Z]{3}$/.test(code)) return 'value'
  return code === QUERY_CANCELLED ? 'timeout' : 'failure'
}
