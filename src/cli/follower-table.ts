import type { RecordedFollower, RecordedParked } from '../streams/follow/overview.ts'
import { oneLine } from './one-line.ts'
import { formatTable } from './table.ts'

export function followerTable(subject: string, rows: RecordedFollower[]): string[] {
  if (rows.length === 0) return [`there is no ${subject} yet`]
  const lines = formatTable(
    [subject.toUpperCase(), 'STREAM', 'CHECKPOINT', 'BEHIND', 'PARKED', 'ACTIVE AT'],
    rows.map((row) => [
      row.name,
      row.stream,
      `${row.checkpoint}`,
      row.behind === null ? 'unknown' : row.behind === 0 ? '-' : `≤ ${row.behind.toLocaleString('en')}`,
      row.parked === 0 ? '-' : `${row.parked}`,
      row.active ?? '-',
    ]),
  )
  const halted = rows.filter(({ mismatch }) => mismatch)
  return [
    ...lines,
    ...halted.map(
      ({ name, stream }) =>
        `${name}: ${stream} is not the stream that its checkpoint is of, or ends before it: restore it, or reset ${name}`,
    ),
  ]
}

const CAUSE_WIDTH = 80

export function followersParkedTable(subject: string, rows: RecordedParked[]): string[] {
  if (rows.length === 0) return ['nothing is parked']
  return formatTable(
    [subject.toUpperCase(), 'POSITION', 'AGGREGATE', 'EVENT', 'ATTEMPTS', 'PARKED AT', 'CAUSE'],
    rows.map((row) => [
      row.name,
      `${row.stream} ${row.sequence}`,
      `${row.aggregate} ${row.id}`,
      row.type || '-',
      `${row.attempts}`,
      row.parkedAt,
      oneLine(`${row.code}: ${row.cause}`, CAUSE_WIDTH),
    ]),
  )
}
