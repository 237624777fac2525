import type { Command } from 'commander'
import { createDatabase } from '../projections/database.ts'
import { type RecordedStatus, readStatus } from '../projections/read-status.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { logsOf } from './home.ts'
import { print, printJson } from './print.ts'
import { databaseUrl, withSession } from './session.ts'

/** `headwater projections status`: how far every projection has come, whichever process runs it. */
export function registerProjections(program: Command): void {
  program
    .command('projections')
    .description('look after the projections')
    .command('status')
    .description('how far each projection has come, and whether it is behind')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await withSession(async (session) => {
        const { config } = session
        const url = await databaseUrl(config)
        if (url === undefined) throw new NoDatabaseError()
        const database = await createDatabase({ ...config.postgres, url, poolSize: 1 })
        try {
          return await readStatus(database.db, new Set((await logsOf(session)).values()))
        } finally {
          await database.close()
        }
      })
      if (json || !process.stdout.isTTY) printJson(rows)
      else for (const line of table(rows)) print(line)
    })
}

class NoDatabaseError extends HeadwaterError {
  constructor() {
    super({
      code: 'NO_DATABASE',
      status: 503,
      detail:
        'No service runs in this folder (.headwater/endpoints.json is not there) and DATABASE_URL is not set',
    })
  }
}

function table(rows: RecordedStatus[]): string[] {
  const cells = [
    ['PROJECTION', 'STATE', 'VERSION', 'POSITION', 'BEHIND', 'LAG', 'TABLE'],
    ...rows.map(({ name, state, version, positions, pending, lagMs, table: tableName }) => [
      name,
      state,
      `${version}`,
      Object.entries(positions)
        .map(([stream, { applied }]) => `${stream} ${applied}`)
        .join(', '),
      pending === 0 ? '-' : `≤ ${pending.toLocaleString('en')}`,
      lagMs === 0 ? '-' : `${(lagMs / 1000).toFixed(1)} s`,
      tableName,
    ]),
  ]
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const errors = rows.flatMap(({ name, lastError }) => (lastError === null ? [] : [`${name}: ${lastError}`]))
  return [...lines, ...errors]
}
