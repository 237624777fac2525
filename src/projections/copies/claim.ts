import { type Kysely, sql } from 'kysely'
import { type Commit, MalformedCommitError, lastVersion } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import type { KernelTables } from '../database/kernel-tables.ts'

/** How far the copies of a stream have come; the id tells them from those of a stream of the same name that was before. */
export interface Claim {
  id: number
  sequence: number
}

/** So many copies of a stream that is no more are deleted at a time. */
const DELETE_AT_ONCE = 10_000

/**
 * The standing of the copies of a log. When the stream was made anew, or put back behind what is copied, they are begun anew
 * too: a copy is of the commit that the log has there, or it is none. To be called with the stream's lock held.
 *
 * @returns undefined when the copies are of a stream that was made after the one that this process knows
 */
export async function claimCopies(db: Kysely<KernelTables>, log: EventLog): Promise<Claim | undefined> {
  const { last } = await log.bounds()
  const known = await db
    .selectFrom('tb_copied_stream')
    .select(['id', 'stream_created', 'sequence'])
    .where('stream', '=', log.stream)
    .executeTakeFirst()
  if (known?.stream_created === log.created && known.sequence <= last && (await isLastThere(db, log, known)))
    return known
  if (known && Date.parse(known.stream_created) > Date.parse(log.created)) return undefined
  if (known) await deleteCopies(db, known.id)
  const { id } = await db
    .insertInto('tb_copied_stream')
    .values({ stream: log.stream, stream_created: log.created, sequence: 0 })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, sequence: 0 }
}

/** Whether the last that was copied still stands in the log: it may have lost it, and gone on since to where it was. */
async function isLastThere(
  db: Kysely<KernelTables>,
  log: EventLog,
  { id, sequence }: Claim,
): Promise<boolean> {
  const commit = await commitAt(log, sequence)
  if (!commit) return true
  const copy = await db
    .selectFrom('tb_commit_copy')
    .select('events')
    .where('stream_id', '=', id)
    .where('aggregate', '=', commit.aggregate)
    .where('aggregate_id', '=', commit.id)
    .where('version', '=', lastVersion(commit))
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return copy?.events === JSON.stringify(commit.events)
}

/** The commit there; undefined where there is none, or a message that is none. */
async function commitAt(log: EventLog, sequence: number): Promise<Commit | undefined> {
  try {
    return sequence === 0 ? undefined : await log.read.at(sequence)
  } catch (error) {
    if (error instanceof MalformedCommitError) return undefined
    throw error
  }
}

/** The stream's row first: from then on nobody reads them, however long it takes to delete them all. */
async function deleteCopies(db: Kysely<KernelTables>, id: number): Promise<void> {
  await db.deleteFrom('tb_copied_stream').where('id', '=', id).execute()
  for (let deleted = DELETE_AT_ONCE; deleted === DELETE_AT_ONCE;) {
    const { numAffectedRows = 0n } = await sql`
      delete from tb_commit_copy where ctid = any(array(
        select ctid from tb_commit_copy where stream_id = ${id} limit ${DELETE_AT_ONCE}))`.execute(db)
    deleted = Number(numAffectedRows)
  }
}
