import type { NatsConnection } from '@nats-io/nats-core'
import { type Commit, decodeCommit, firstVersion, lastVersion } from '../events/commit.ts'
import type { StoredMessage } from '../events/stored-message.ts'
import { directBatch } from './direct-batch.ts'
import {
  type ReplicaLookupOptions,
  lastOf,
  leaderLastOf,
  leaderNextOf,
  messageAt,
  retried,
} from './lookup.ts'

export interface AggregateReaderOptions extends ReplicaLookupOptions {
  nc: NatsConnection
}

/**
 * A commit names the one before it (the expectation it was written with), so that a short history is a chain of gets by
 * sequence: 0.2 ms each wherever they stand, while a scan by subject reads every block between the first and the last.
 * Past this many commits the scan is faster.
 */
const CHAIN_LIMIT = 24
const BATCH = 1000

/** Reads one aggregate's commits, by its subject. */
export interface AggregateReader {
  /** The last commit, from any replica; undefined when there is none. */
  last(subject: string): Promise<Commit | undefined>
  /** The last commit, as the leader has it: never stale. */
  leaderLast(subject: string): Promise<Commit | undefined>
  /**
   * The commits after a sequence, as the leader has them now; oldest first. The subject may have wildcards.
   * @param page how many are read, and held, at a time
   */
  since(subject: string, sequence: number, page?: number): AsyncGenerator<Commit>
  /**
   * The commits that hold `fromVersion` (1 for all) and what follows it; oldest first, in pages as they are asked for. They
   * end with the last one that any replica knows, which may be behind; or with the one at `last`.
   */
  forwards(subject: string, fromVersion: number, last?: number): AsyncGenerator<Commit>
  /** The commits from the last one back to the first, or from the given one, or its sequence. */
  backwards(subject: string, start?: number | Commit): AsyncGenerator<Commit>
  /** The commit at a sequence. */
  at(sequence: number): Promise<Commit | undefined>
}

export function createAggregateReader({
  nc,
  requester,
  jsm,
  stream,
}: AggregateReaderOptions): AggregateReader {
  const lookup = { requester, jsm, stream }
  const reading: Reading = { nc, lookup, decode: (message) => decodeCommit(stream, message) }
  return {
    last: (subject) => lastCommit(reading, subject),
    leaderLast: (subject) => leaderLastCommit(reading, subject),
    at: (sequence) => commitAt(reading, sequence),
    since: (subject, sequence, page) => since(reading, subject, sequence, page),
    forwards: (subject, fromVersion, last) => forwards(reading, subject, fromVersion, last),
    backwards: (subject, start) => backwards(reading, subject, start),
  }
}

/** What the ways to read have in common. */
interface Reading {
  nc: NatsConnection
  lookup: ReplicaLookupOptions
  decode(this: void, message: StoredMessage): Commit
}

async function commitAt({ lookup, decode }: Reading, sequence: number): Promise<Commit | undefined> {
  const message = await messageAt(sequence, lookup)
  return message && decode(message)
}

async function lastCommit({ lookup, decode }: Reading, subject: string): Promise<Commit | undefined> {
  const message = await lastOf(subject, lookup)
  return message && decode(message)
}

async function leaderLastCommit({ lookup, decode }: Reading, subject: string): Promise<Commit | undefined> {
  const message = await leaderLastOf(subject, lookup)
  return message && decode(message)
}

/** Any replica's commits after a sequence, as far as it has them. */
async function* scan(
  { nc, lookup, decode }: Reading,
  subject: string,
  after: number,
  limit = BATCH,
): AsyncGenerator<Commit> {
  const { stream } = lookup
  for (let from = after + 1, more = true; more;) {
    const start = from
    const page = await retried(() => directBatch(nc, { stream, subject, from: start, limit }))
    for (const message of page.messages) {
      yield decode(message)
      from = message.sequence + 1
    }
    more = page.more && page.messages.length > 0
  }
}

async function* since(
  reading: Reading,
  subject: string,
  sequence: number,
  page?: number,
): AsyncGenerator<Commit> {
  // A direct get may come from a replica that is behind, so the end is looked for at the leader.
  for (let after = sequence; ;) {
    for await (const commit of scan(reading, subject, after, page)) {
      yield commit
      after = commit.position.sequence
    }
    const next = await leaderNextOf(subject, after, reading.lookup)
    if (!next) return
    yield reading.decode(next)
    after = next.sequence
  }
}

async function* backwards(
  reading: Reading,
  subject: string,
  start?: number | Commit,
): AsyncGenerator<Commit> {
  let commit =
    typeof start === 'number'
      ? await commitAt(reading, start)
      : (start ?? (await lastCommit(reading, subject)))
  while (commit) {
    yield commit
    if (commit.previous === undefined) {
      yield* (await before(reading, subject, commit.position.sequence)).toReversed()
      return
    }
    commit = commit.previous === 0 ? undefined : await commitAt(reading, commit.previous)
  }
}

/** For a commit that does not name its predecessor (another program wrote it): all that stand before it. */
async function before(reading: Reading, subject: string, sequence: number): Promise<Commit[]> {
  const commits: Commit[] = []
  for await (const commit of since(reading, subject, 0)) {
    if (commit.position.sequence >= sequence) break
    commits.push(commit)
  }
  return commits
}

async function* forwards(
  reading: Reading,
  subject: string,
  fromVersion: number,
  end?: number,
): AsyncGenerator<Commit> {
  const chain: Commit[] = []
  let scanned = false
  for await (const commit of backwards(reading, subject, end)) {
    if (lastVersion(commit) < fromVersion) break
    chain.push(commit)
    const distance = firstVersion(commit) - fromVersion
    if (distance > CHAIN_LIMIT || chain.length > CHAIN_LIMIT) {
      scanned = true
      break
    }
  }
  const oldest = chain.at(-1)
  if (!oldest) return
  if (scanned) {
    // Not by `scan` alone: a replica that is behind would end it before it reaches the chain.
    for await (const commit of since(reading, subject, 0)) {
      if (commit.position.sequence >= oldest.position.sequence) break
      if (lastVersion(commit) >= fromVersion) yield commit
    }
  }
  yield* chain.toReversed()
}
