import type { EntityProjection } from './entity.ts'
import { BadUserInputError } from '../errors.ts'
import { foldRows } from './fold-row.ts'
import type { HistoryEvent } from '../history/history-reader.ts'
import type { History } from '../history/history.ts'

/** The moment that is asked for: a time in the business, or a version. Neither is now. */
export interface AsOf {
  /** ISO 8601 */
  asOf?: string | null | undefined
  asOfVersion?: number | null | undefined
}

/**
 * The row as it was: the projection's own fold over the history up to that moment. Up to a time means the longest run of
 * versions whose events happened by then; one that was recorded later with an earlier time (an imported fact) does not
 * reach over those between.
 *
 * @returns undefined when no moment is given, null when there was nothing then or the version is not reached yet
 * @throws BadUserInputError when both are given, or a version less than 1; EventNotApplicableError
 */
export async function rowAsOf<Row>(
  projection: EntityProjection<Row>,
  history: History,
  { asOf = null, asOfVersion = null }: AsOf,
): Promise<{ row: Row; events: HistoryEvent[] } | null | undefined> {
  if (asOf === null && asOfVersion === null) return undefined
  if (asOf !== null && asOfVersion !== null) {
    throw new BadUserInputError('asOfVersion', 'cannot be given together with asOf; give one of them')
  }
  if (asOfVersion !== null && asOfVersion < 1) {
    throw new BadUserInputError('asOfVersion', `must be 1 or more; it is ${asOfVersion}`)
  }
  const events = asOf === null ? await upToVersion(history, asOfVersion ?? 1) : await upToTime(history, asOf)
  const row = foldRows(projection, events)
  return hasColumns(projection, row) ? { row, events } : null
}

/** The fold was checked where it was declared; its rows lose their types on the way. */
export function hasColumns<Row>({ columns }: EntityProjection<Row>, row: unknown): row is Row {
  return typeof row === 'object' && row !== null && Object.keys(columns).every((name) => name in row)
}

async function upToVersion(history: History, version: number): Promise<HistoryEvent[]> {
  const events = await history.page(undefined, version)
  return events.length < version ? [] : events
}

async function upToTime(history: History, time: string): Promise<HistoryEvent[]> {
  const moment = Date.parse(time)
  const events = await history.all()
  const later = events.findIndex((event) => Date.parse(event.time) > moment)
  return later === -1 ? events : events.slice(0, later)
}
