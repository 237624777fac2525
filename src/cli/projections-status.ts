import type { Command } from 'commander'
import { type RecordedStatus, readStatus } from '../projections/status/read-status.ts'
import { logsOf } from './home.ts'
import { print, printJson } from './print.ts'
import { pause } from '../streams/waiting/pause.ts'
import { formatTable } from './table.ts'
import { withDatabase } from './with-database.ts'

const WATCH_MS = 1000

interface Options {
  json?: boolean
  watch?: boolean
}

/** `headwater projections status`: how far every projection has come, whichever process runs it. */
export function registerStatus(group: Command): void {
  group
    .command('status')
    .description('how far each projection has come, whether it is behind, what is parked, and its rebuild')
    .option('--json', 'print it as JSON')
    .option('--watch', 'again every second, until Ctrl-C')
    .action(async ({ json, watch }: Options) => {
      const plain = json === true || !process.stdout.isTTY
      await withDatabase(async (session) => {
        const watching = new AbortController()
        if (watch) process.once('SIGINT', () => watching.abort()).once('SIGTERM', () => watching.abort())
        let lines = 0
        for (;;) {
          const rows = await readStatus(session.database.db, new Set((await logsOf(session)).values()))
          if (plain) printJson(rows)
          else {
            // Over what the last round has printed.
            if (lines > 0) process.stdout.write(`\u001B[${lines}A\u001B[J`)
            const shown = table(rows)
            for (const line of shown) print(line)
            lines = shown.length
          }
          if (!watch) return
          await pause(WATCH_MS, watching.signal)
          if (watching.signal.aborted) return
        }
      })
    })
}

function table(rows: RecordedStatus[]): string[] {
  const lines = formatTable(
    ['PROJECTION', 'STATE', 'VERSION', 'POSITION', 'BEHIND', 'LAG', 'RATE', 'BATCH', 'PARKED', 'REBUILD'],
    rows.map((row) => [
      row.name,
      row.state,
      `${row.version}`,
      Object.entries(row.positions)
        .map(([stream, { applied }]) => `${stream} ${applied}`)
        .join(', '),
      row.pending === 0 ? '-' : `≤ ${row.pending.toLocaleString('en')}`,
      row.lagMs === 0 ? '-' : `${(row.lagMs / 1000).toFixed(1)} s`,
      row.ratePerSecond === null ? '-' : `${Math.round(row.ratePerSecond).toLocaleString('en')}/s`,
      row.batchSize === null ? '-' : `${row.batchSize}`,
      row.parked === 0 ? '-' : `${row.parked}, ${row.queued} behind`,
      rebuildOf(row),
    ]),
  )
  const errors = rows.flatMap(({ name, lastError }) => (lastError === null ? [] : [`${name}: ${lastError}`]))
  return [...lines, ...errors]
}

function rebuildOf({ rebuild }: RecordedStatus): string {
  if (!rebuild) return '-'
  if (rebuild.state !== 'running') return rebuild.state
  const share = rebuild.eventsTotal > 0 ? Math.floor((100 * rebuild.events) / rebuild.eventsTotal) : 0
  return `${rebuild.phase} ${share} %`
}
