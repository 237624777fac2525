import type { Command } from 'commander'
import {
  LIST_LIMIT,
  type ParkedDetail,
  type ParkedEvent,
  type Which,
  listParked,
  showParked,
} from '../projections/parking/parked.ts'
import { awaitParked, requestParked } from '../projections/parking/request-parked.ts'
import { logsOf } from './home.ts'
import { assertProjection } from './known-projection.ts'
import { oneLine } from './one-line.ts'
import { type RetryOptions, sequenceOf, whichOf } from './parked-choice.ts'
import { print, printJson } from './print.ts'
import { show } from './show.ts'
import { formatTable } from './table.ts'
import { withDatabase } from './with-database.ts'

/** `headwater projections parked …`: the events that could not be applied, and what is to become of them. */
export function registerParked(group: Command): void {
  const parked = group
    .command('parked')
    .description('events that could not be applied, and what waits behind them')
  parked
    .command('list [projection]')
    .description('what is parked, of one projection or of all')
    .option('--json', 'print it as JSON')
    .action(async (projection: string | undefined, { json }: { json?: boolean }) => {
      const rows = await withDatabase(async ({ database }) => {
        if (projection !== undefined) await assertProjection(database.db, projection)
        return await listParked(database.db, projection)
      })
      show(rows, json, table)
    })
  parked
    .command('show')
    .description('one parked event, with its data')
    .argument('<projection>')
    .argument('<stream>')
    .argument('<sequence>', 'where it stands', sequenceOf)
    .option('--json', 'print it as JSON')
    .action(async (projection: string, stream: string, sequence: number, { json }: { json?: boolean }) => {
      const detail = await withDatabase(async (session) => {
        await assertProjection(session.database.db, projection)
        const logs = new Set((await logsOf(session)).values())
        return await showParked(session.database.db, logs, projection, { stream, sequence })
      })
      show(detail, json, lines)
    })
  parked
    .command('retry <projection>')
    .description(
      'apply what is parked, and what waits behind it, in order; exit code 1 when something stays parked',
    )
    .option('--aggregate <type>', 'of one aggregate: its type')
    .option('--id <id>', 'and its id')
    .option('--all', 'everything that is parked')
    .action(async (projection: string, options: RetryOptions, command: Command) => {
      await ask(projection, whichOf(options, command), 'retry')
    })
  parked
    .command('drop')
    .description('leave a parked event out of the table for good, and apply what waits behind it')
    .argument('<projection>')
    .argument('<stream>')
    .argument('<sequence>', 'where it stands', sequenceOf)
    .action(async (projection: string, stream: string, sequence: number) => {
      await ask(projection, { stream, sequence }, 'drop')
    })
}

async function ask(projection: string, which: Which, action: 'retry' | 'drop'): Promise<void> {
  const outcome = await withDatabase(async ({ database: { db } }) => {
    await assertProjection(db, projection)
    return await awaitParked(db, projection, await requestParked(db, projection, which, action))
  })
  if (!process.stdout.isTTY) printJson({ projection, action, ...outcome })
  else {
    const { cleared, stayed, parked } = outcome
    print(`${cleared} of ${cleared + stayed} aggregates have nothing parked any more`)
    if (stayed > 0) for (const line of table(parked)) print(line)
  }
  if (outcome.stayed > 0) process.exitCode = 1
}

const CAUSE_WIDTH = 80

function table(rows: ParkedEvent[]): string[] {
  if (rows.length === 0) return ['nothing is parked']
  const shown = formatTable(
    ['PROJECTION', 'POSITION', 'AGGREGATE', 'EVENT', 'QUEUED', 'ATTEMPTS', 'PARKED AT', 'CAUSE'],
    rows.map((row) => [
      row.projection,
      `${row.stream} ${row.sequence}`,
      `${row.aggregate} ${row.id}`,
      row.type || '-',
      `${row.queued}`,
      `${row.attempts}`,
      row.parkedAt,
      oneLine(row.cause, CAUSE_WIDTH),
    ]),
  )
  return rows.length < LIST_LIMIT ? shown : [...shown, `… the first ${LIST_LIMIT} of them`]
}

function lines(detail: ParkedDetail): string[] {
  return [
    `projection  ${detail.projection}`,
    `position    ${detail.stream} ${detail.sequence}, event ${detail.index + 1} of its commit`,
    `aggregate   ${detail.aggregate} ${detail.id}`,
    `event       ${detail.type || '-'} ${detail.eventId}`.trimEnd(),
    `parked at   ${detail.parkedAt}, after ${detail.attempts} attempts; ${detail.queued} more wait behind it`,
    `cause       ${detail.code}: ${detail.cause}`,
    'event' in detail ? JSON.stringify(detail.event, null, 2) : `it cannot be read: ${detail.unreadable}`,
  ]
}
