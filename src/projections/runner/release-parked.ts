import type { ClientBase } from 'pg'
import type { Commit } from '../../streams/events/commit.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { type RecordedEvent, recordedEvent } from '../../streams/events/recorded-event.ts'
import type { ApplyOptions } from './apply-batch.ts'
import { type Positions, checkCheckpoints } from '../positions/checkpoint.ts'
import { isFor } from '../batch/decode-batch.ts'
import { isRefusedRow } from '../errors.ts'
import { BatchEventError } from '../batch/fold-batch.ts'
import { failureText } from '../parking/parking.ts'
import { type Writing, writeOneByOne } from '../batch/writer.ts'

/** A parked event that somebody wants something done with. */
export interface Wanted {
  stream: string
  aggregate: string
  id: string
  action: 'retry' | 'drop'
}

export interface ReleaseOptions extends ApplyOptions {
  /** By the stream's name. */
  logs: ReadonlyMap<string, EventLog>
}

/** What has come of it: all of the aggregate is applied, there is more, or one failed and is parked. */
export type Release =
  { outcome: 'empty' | 'more'; applied: number } | { outcome: 'parked'; applied: number; cause: unknown }

/** Rows that one transaction takes away: some 0.2 s of work. */
const CHUNK = 500
/** Messages asked for at a time. */
const READS = 32

interface Waiting {
  stream: string
  sequence: number
  index: number
}

/**
 * Applies what an aggregate has left out, in order, and takes it away from `tb_parked_event` in the same transaction; up to
 * the next event that fails, or a chunk of it. The event that it begins with is left out for good where that is wanted.
 *
 * @throws CheckpointConflictError when the table is no longer this one's; errors that say nothing about an event
 */
export async function releaseChunk(
  options: ReleaseOptions,
  positions: Positions,
  wanted: Wanted,
): Promise<Release> {
  const { session, projection, lot } = options
  const { client } = session
  const rows = await waitingRows(client, projection.name, wanted)
  const dropped = wanted.action === 'drop' ? 1 : 0
  const read = await readEvents(options, wanted, rows.slice(dropped))
  const attempt = (oneByOne: boolean) =>
    applyRows(options, positions, wanted, { rows, dropped, read, oneByOne })
  let done: Done
  try {
    done = await attempt(false)
  } catch (error) {
    if (!(error instanceof BatchEventError || isRefusedRow(error))) throw error
    done = await attempt(true).catch(async (cause: unknown) => {
      if (!isRefusedRow(cause)) throw cause
      // Not even event by event: a COMMIT that fails says nothing of which.
      const nothing = { rows, dropped: 0, read: { events: [], owners: [], failure: { at: 0, cause } } }
      return await applyRows(options, positions, wanted, { ...nothing, oneByOne: false })
    })
  }
  lot.release(wanted.aggregate, wanted.id, done.removed, done.release.outcome === 'empty')
  return done.release
}

interface Readable {
  events: RecordedEvent[]
  /** For each event, the index of its row among those that were to be read. */
  owners: number[]
  /** The first that cannot be read, if there is one: those before it can. */
  failure: { at: number; cause: unknown } | undefined
}

async function readEvents(
  { projection, sources, logs }: ReleaseOptions,
  { aggregate }: Wanted,
  rows: Waiting[],
): Promise<Readable> {
  const commits = new Map<number, Commit | { cause: unknown }>()
  const sequences = [...new Set(rows.map(({ sequence }) => sequence))]
  for (let from = 0; from < sequences.length; from += READS) {
    const page = sequences.slice(from, from + READS)
    const found = await Promise.all(page.map((sequence) => commitAt(logs, rows[0]?.stream ?? '', sequence)))
    for (const [index, commit] of found.entries()) commits.set(page[index] ?? 0, commit)
  }
  const source = sources.get(aggregate)
  const readable: Readable = { events: [], owners: [], failure: undefined }
  for (const [at, { sequence, index }] of rows.entries()) {
    try {
      const commit = commits.get(sequence)
      if (!commit || !source) throw new TypeError(`${aggregate} is none of its sources`)
      if ('cause' in commit) throw commit.cause
      const event = commit.events[index]
      if (!event) throw new NotInLogError(commit.position.stream, sequence)
      // A definition may have stopped handling the type since.
      if (!isFor(projection, source, event.type)) continue
      readable.events.push(recordedEvent(source.types, event, commit))
      readable.owners.push(at)
    } catch (cause) {
      readable.failure = { at, cause }
      break
    }
  }
  return readable
}

class NotInLogError extends HeadwaterError {
  constructor(stream: string, sequence: number) {
    super({
      code: 'EVENT_NOT_IN_LOG',
      status: 500,
      detail: `${stream} no longer has the event at ${sequence}: drop it, or restore the log`,
    })
  }
}

/** What stands there; a message that is no commit is its own cause. Throws what says nothing about the message. */
async function commitAt(
  logs: ReadonlyMap<string, EventLog>,
  stream: string,
  sequence: number,
): Promise<Commit | { cause: unknown }> {
  const log = logs.get(stream)
  if (!log) throw new TypeError(`No log is open for the stream ${stream}`)
  try {
    return (await log.read.at(sequence)) ?? { cause: new NotInLogError(stream, sequence) }
  } catch (error) {
    if (error instanceof HeadwaterError && error.code === 'MALFORMED_COMMIT') return { cause: error }
    throw error
  }
}

interface Plan {
  /** As they wait. */
  rows: Waiting[]
  /** How many of the first are left out for good. */
  dropped: number
  read: Readable
  oneByOne: boolean
}

interface Done {
  release: Release
  removed: number
}

async function applyRows(
  { session, projection, standing, write }: ReleaseOptions,
  positions: Positions,
  wanted: Wanted,
  { rows, dropped, read, oneByOne }: Plan,
): Promise<Done> {
  const { client } = session
  return await session.db.transaction().execute(async (tx) => {
    await checkCheckpoints(client, standing, positions, 'hold')
    const failure = await writeUpToFailure({ client, tx })
    const until = dropped + (failure ? failure.at : rows.length - dropped)
    const removed = await removeThrough(client, projection.name, wanted, rows[until - 1])
    const applied = until - dropped
    if (failure) {
      await parkAgain(client, projection.name, rows[until], failure.cause)
      return { removed, release: { outcome: 'parked', applied, cause: failure.cause } }
    }
    const more = rows.length === CHUNK && (await retryNext(client, projection.name, wanted))
    return { removed, release: { outcome: more ? 'more' : 'empty', applied } }
  })

  /** Of events of one aggregate all that follow a failure wait behind it. */
  async function writeUpToFailure(writing: Writing): Promise<Readable['failure']> {
    let failure = read.failure
    if (read.events.length === 0) return failure
    const parking = {
      poison: (event: number, cause: unknown) => (failure = { at: read.owners[event] ?? 0, cause }),
      queue: () => undefined,
    }
    if (oneByOne) await writeOneByOne(write, writing, read.events, parking)
    else await write(writing, read.events, parking)
    return failure
  }
}

const WAITING = `
  select stream, sequence, event_index as index from tb_parked_event
  where projection = $1 and target = 'live' and aggregate = $2 and aggregate_id = $3
  order by sequence, event_index limit ${CHUNK}`

async function waitingRows(
  client: ClientBase,
  projection: string,
  { aggregate, id }: Wanted,
): Promise<Waiting[]> {
  const { rows } = await client.query<Waiting>(WAITING, [projection, aggregate, id])
  return rows
}

const REMOVE = `
  delete from tb_parked_event
  where projection = $1 and target = 'live' and aggregate = $2 and aggregate_id = $3
    and (sequence, event_index) <= ($4::bigint, $5::integer)`

async function removeThrough(
  client: ClientBase,
  projection: string,
  { aggregate, id }: Wanted,
  last: Waiting | undefined,
): Promise<number> {
  if (!last) return 0
  const values = [projection, aggregate, id, last.sequence, last.index]
  return (await client.query(REMOVE, values)).rowCount ?? 0
}

const PARK_AGAIN = `
  update tb_parked_event set status = 'parked', attempts = attempts + 1, code = $5, cause = $6, action = null,
    updated_at = now()
  where projection = $1 and target = 'live' and stream = $2 and sequence = $3 and event_index = $4`

async function parkAgain(
  client: ClientBase,
  projection: string,
  row: Waiting | undefined,
  failure: unknown,
): Promise<void> {
  if (!row) return
  const { code, cause } = failureText(failure)
  await client.query(PARK_AGAIN, [projection, row.stream, row.sequence, row.index, code, cause])
}

// Whoever goes on with it, this process or the next, finds the rest as one that waits to be retried.
const RETRY_NEXT = `
  update tb_parked_event set status = 'parked', action = 'retry', updated_at = now()
  where projection = $1 and target = 'live' and (stream, sequence, event_index) = (
    select stream, sequence, event_index from tb_parked_event
    where projection = $1 and target = 'live' and aggregate = $2 and aggregate_id = $3
    order by sequence, event_index limit 1)`

async function retryNext(
  client: ClientBase,
  projection: string,
  { aggregate, id }: Wanted,
): Promise<boolean> {
  return ((await client.query(RETRY_NEXT, [projection, aggregate, id])).rowCount ?? 0) > 0
}
