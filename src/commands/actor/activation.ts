import { type Commit, firstVersion, lastVersion } from '../../streams/events/commit.ts'
import { EventNotApplicableError } from '../../streams/events/event-not-applicable.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { type RecordedEvent, recordedEvents } from '../../streams/events/recorded-event.ts'
import type { Snapshot, Snapshots } from '../../streams/snapshots.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import { type PagedCommands, loadCommands } from './command-pages.ts'
import { RecentCommands } from './recent-commands.ts'

/** An aggregate in memory, as far as it has been read. */
export interface Loaded extends PagedCommands {
  state: unknown
  version: number
  /** The sequence of the last commit that went into it; 0 when it has none. */
  sequence: number
  /** The version that the stored snapshot covers; 0 when there is none. */
  snapshotVersion: number
}

export interface ActivationOptions {
  aggregate: Aggregate
  log: EventLog
  snapshots: Snapshots
  /** How long command ids are remembered, in milliseconds. */
  idempotencyWindowMs: number
}

/** The log does not hold together: a version is missing or twice. Nothing may be decided on it. */
class BrokenHistoryError extends HeadwaterError {
  constructor(aggregate: string, id: string, commit: Commit, expected: number) {
    super({
      code: 'BROKEN_HISTORY',
      status: 500,
      detail: `${aggregate} ${id}: the commit at ${commit.position.stream} ${commit.position.sequence} begins with version ${firstVersion(commit)}, expected ${expected}`,
    })
  }
}

/** Up to this many versions, reading the events costs less than asking for a snapshot. */
export const SHORT_HISTORY = 24

/** Loads an aggregate: one read when it is new or has one commit, else a snapshot if there is one, and what came after it. */
export async function activate(subject: string, id: string, options: ActivationOptions): Promise<Loaded> {
  const { aggregate, log, idempotencyWindowMs } = options
  const loaded: Loaded = {
    state: aggregate.initial,
    version: 0,
    sequence: 0,
    recent: new RecentCommands(idempotencyWindowMs),
    pages: [],
    snapshotVersion: 0,
  }
  const last = await log.read.last(subject)
  if (!last) return loaded
  if (firstVersion(last) === 1) {
    applyCommit(aggregate, loaded, last, id)
    return loaded
  }
  const snapshot =
    lastVersion(last) > SHORT_HISTORY ? await usableSnapshot(id, last.position.sequence, options) : undefined
  const restored = snapshot && (await restore(snapshot, last, subject, id, options))
  if (restored) return restored
  for await (const commit of log.read.forwards(subject, 1)) applyCommit(aggregate, loaded, commit, id)
  return loaded
}

/**
 * Goes on from a snapshot. Undefined when what follows does not follow it: the log has lost the commit that it was made at, or an older
 * copy was restored, and went on from there.
 */
async function restore(
  snapshot: Snapshot,
  last: Commit,
  subject: string,
  id: string,
  options: ActivationOptions,
): Promise<Loaded | undefined> {
  const { aggregate, log, idempotencyWindowMs } = options
  const { state, version, sequence } = snapshot
  const known = { state, version, sequence, snapshotVersion: version }
  if (last.position.sequence === sequence && lastVersion(last) !== version) return undefined
  const stored = await storedCommands(id, snapshot, options)
  const loaded: Loaded = {
    ...known,
    ...(stored ?? { recent: new RecentCommands(idempotencyWindowMs), pages: [] }),
  }
  if (!stored) await recallCommands(subject, sequence, loaded, options)
  if (last.position.sequence === sequence) return loaded
  for await (const commit of log.read.since(subject, sequence)) {
    const isNext = loaded.sequence === sequence
    if (isNext && ((commit.previous ?? sequence) !== sequence || firstVersion(commit) !== version + 1))
      return undefined
    applyCommit(aggregate, loaded, commit, id)
  }
  return loaded
}

/**
 * Reads what others have appended since, from the leader.
 * @throws LogUnavailableError when the log ends before what is in memory: it has lost commits, or an older copy of it was restored
 */
export async function catchUp(
  subject: string,
  id: string,
  loaded: Loaded,
  { aggregate, log }: Pick<ActivationOptions, 'aggregate' | 'log'>,
): Promise<void> {
  const known = loaded.sequence
  for await (const commit of log.read.since(subject, known)) applyCommit(aggregate, loaded, commit, id)
  if (loaded.sequence > known || (await log.leaderSequence(subject)) >= known) return
  throw new LogUnavailableError(
    'refused',
    `${log.stream} no longer has the commit at ${known} that ${aggregate.name} ${id} was at; it is read again from the log`,
  )
}

function applyCommit(aggregate: Aggregate, loaded: Loaded, commit: Commit, id: string): void {
  if (firstVersion(commit) !== loaded.version + 1) {
    throw new BrokenHistoryError(aggregate.name, id, commit, loaded.version + 1)
  }
  for (const event of recordedEvents(aggregate.types, commit)) {
    loaded.state = evolved(aggregate, loaded.state, event, commit)
    loaded.recent.add(event.commandId, commit.position.sequence, commit.recordedAt)
  }
  loaded.version = lastVersion(commit)
  loaded.sequence = commit.position.sequence
}

function evolved(aggregate: Aggregate, state: unknown, event: RecordedEvent, commit: Commit): unknown {
  try {
    return aggregate.evolve(state, event)
  } catch (error) {
    const { stream, sequence } = commit.position
    throw new EventNotApplicableError(
      { aggregate: aggregate.name, id: commit.id },
      {
        which: `an event of the commit at ${stream} ${sequence}`,
        effect: 'nothing is decided on such a log',
        cause: error,
      },
    )
  }
}

async function usableSnapshot(
  id: string,
  lastSequence: number,
  { aggregate, log, snapshots }: ActivationOptions,
): Promise<Snapshot | undefined> {
  // A snapshot only saves time: when the bucket does not answer, the log does.
  const snapshot = await snapshots.load(aggregate.name, id).catch(() => undefined)
  const usable =
    snapshot &&
    snapshot.stateVersion === aggregate.stateVersion &&
    snapshot.streamCreated === log.created &&
    snapshot.sequence <= lastSequence
  return usable ? snapshot : undefined
}

/** Its ids, with those that are kept beside it: like it, they only save time. */
async function storedCommands(
  id: string,
  snapshot: Snapshot,
  { aggregate, snapshots, idempotencyWindowMs }: ActivationOptions,
): Promise<PagedCommands | undefined> {
  const pages = snapshots.pages(aggregate.name, id)
  return await loadCommands(snapshot, idempotencyWindowMs, pages).catch(() => undefined)
}

/** For a snapshot without its command ids: takes them from the log, back to the window's beginning. */
async function recallCommands(
  subject: string,
  sequence: number,
  loaded: Loaded,
  { log, idempotencyWindowMs }: ActivationOptions,
): Promise<void> {
  // Forwards and in pages: these are many, and going back from commit to commit takes a read each.
  const before = await log.sequenceBefore(new Date(Date.now() - idempotencyWindowMs))
  for await (const commit of log.read.since(subject, before)) {
    if (commit.position.sequence > sequence) return
    for (const { commandid } of commit.events)
      loaded.recent.add(commandid, commit.position.sequence, commit.recordedAt)
  }
}
