import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { startServers } from '../graph/servers.ts'
import { type Gem, gemColumns, gemGraph, gemValues, gems, postgresTable, sqliteTable } from './gems.ts'
import { openTables, serveSubgraph } from './subgraphs.ts'

/** Where the rows are, in PostgreSQL. */
export const SCHEMA = 'gems'
const columns = gemColumns.join(', ')

export type GemStack = Awaited<ReturnType<typeof startGemStack>>

/** The gems in a PostgreSQL and in a SQLite file, and the subgraph that has them, over HTTP. */
export async function startGemStack() {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-gems-'))
  const servers = await startServers()
  const { postgresUrl } = servers
  await onPostgres(postgresUrl, async (client) => {
    await client.query(postgresTable(SCHEMA))
    const marks = gemColumns.map((_, index) => `$${index + 1}`).join(', ')
    for (const gem of gems) {
      await client.query(`insert into ${SCHEMA}.tb_gem (${columns}) values (${marks})`, gemValues(gem))
    }
  })
  const sqliteFile = join(folder, 'gems.db')
  fillSqlite(sqliteFile)
  const tables = await openTables(postgresUrl, SCHEMA)
  const subgraph = await serveSubgraph(tables.resources, [gemGraph(SCHEMA)])
  return {
    servers,
    postgresUrl,
    folder,
    sqliteFile,
    sqliteUrl: `sqlite:${sqliteFile}`,
    resources: tables.resources,
    url: subgraph.url,
    http: subgraph.http,
    async stop() {
      await subgraph.http.close()
      await subgraph.close()
      await tables.close()
      await servers.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function onPostgres(url: string, work: (client: Client) => Promise<void>) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/** @param key what the column of the key is declared as */
export function fillSqlite(file: string, key = 'text primary key', rows: readonly Gem[] = gems) {
  const database = new DatabaseSync(file)
  database.exec(sqliteTable(key))
  const marks = gemColumns.map(() => '?').join(', ')
  const insert = database.prepare(`insert into tb_gem (${columns}) values (${marks})`)
  for (const gem of rows) {
    insert.run(...gemValues(gem).map((value) => (typeof value === 'boolean' ? Number(value) : value)))
  }
  database.close()
}
