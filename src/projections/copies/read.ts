import DataLoader from 'dataloader'
import {
  type Commit,
  type Position,
  decodeEvents,
  firstVersion,
  lastVersion,
} from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { type ReadPrepared, preparedStatement } from '../database/prepared.ts'

export type CopiedCommit = Pick<Commit, 'position' | 'aggregate' | 'id' | 'events'>

/** What is asked for of one aggregate. */
export interface CopiesWanted {
  log: Pick<EventLog, 'stream' | 'created'>
  aggregate: string
  id: string
  /** The version after which to begin. */
  after: number
  /** The most commits. */
  limit: number
}

export interface CopiesReader {
  /**
   * The aggregate's commits that come after a version, without a gap and oldest first, as far as they are copied: maybe
   * none. The first one may begin before that version, as commits hold several events.
   */
  read(wanted: CopiesWanted): Promise<CopiedCommit[]>
}

/** What histories of one turn are read with one statement. */
const MOST_AT_ONCE = 200

/** Reads copies of commits; those that are asked for at the same moment, whoever asks, with one statement. */
export function createCopiesReader(read: ReadPrepared): CopiesReader {
  const loader = new DataLoader((wanted: readonly CopiesWanted[]) => readAll(read, wanted), {
    cache: false,
    maxBatchSize: MOST_AT_ONCE,
    batchScheduleFn: (load) => setImmediate(load),
  })
  return { read: (wanted) => loader.load(wanted) }
}

interface CopyRow {
  /** Which of those that were asked for, from 1. */
  at: number
  sequence: number
  events: string
}

async function readAll(read: ReadPrepared, wanted: readonly CopiesWanted[]): Promise<CopiedCommit[][]> {
  const groups = Map.groupBy(wanted, ({ log, aggregate, limit }) =>
    [log.stream, log.created, aggregate, limit].join(' '),
  )
  const found = new Map<CopiesWanted, CopiedCommit[]>()
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const rows = await select(read, group)
      const perWanted = Map.groupBy(rows, ({ at }) => at)
      for (const [index, one] of group.entries())
        found.set(one, unbroken(one, perWanted.get(index + 1) ?? []))
    }),
  )
  return wanted.map((one) => found.get(one) ?? [])
}

const SELECT = preparedStatement(`
  select w.at, c.sequence, c.events
  from unnest($1::text[], $2::bigint[]) with ordinality as w (id, after, at)
  cross join lateral (
    select sequence, events, version from tb_commit_copy
    where stream_id = (select id from tb_copied_stream where stream = $3 and stream_created = $4)
      and aggregate = $5 and aggregate_id = w.id and version > w.after
    order by version limit $6) c
  order by w.at, c.version`)

async function select(read: ReadPrepared, group: readonly CopiesWanted[]): Promise<CopyRow[]> {
  const [first] = group
  if (!first) return []
  const { log, aggregate, limit } = first
  return await read<CopyRow>(SELECT, [
    group.map(({ id }) => id),
    group.map(({ after }) => after),
    log.stream,
    log.created,
    aggregate,
    Number.isFinite(limit) ? limit : null,
  ])
}

/** Up to where a version is missing: a commit that is not copied, for whatever reason, and what comes after it. */
function unbroken({ log, aggregate, id, after }: CopiesWanted, rows: readonly CopyRow[]): CopiedCommit[] {
  const commits: CopiedCommit[] = []
  let version = after
  for (const { sequence, events: text } of rows) {
    const position: Position = { stream: log.stream, sequence }
    const events = decodeEvents(position, text)
    const commit = { position, aggregate, id, events }
    if (firstVersion(commit) > version + 1) break
    commits.push(commit)
    version = lastVersion(commit)
  }
  return commits
}
