import type { Commit } from '../../streams/events/commit.ts'
import { type EventSource, type RecordedEvent, recordedEvent } from '../../streams/events/recorded-event.ts'
import { EventFailedError } from '../errors.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import type { BatchEventError } from './fold-batch.ts'
import type { SourcesByName } from '../sources/source-streams.ts'

/** The events of a batch that its projection handles, at the current version of their schemas. */
export interface DecodedBatch {
  events: RecordedEvent[]
  /** For each event, the index of its commit in the batch, and its own in the commit. */
  owners: number[]
  indexes: number[]
}

/** What decoding asks and tells about events that are left out; `owner` is the index of the commit, `index` the event's in it. */
export interface DecodeParking {
  /** Whether an earlier event of the aggregate is left out. */
  blocks(aggregate: string, id: string): boolean
  queue(owner: number, index: number): void
  /** Where it is missing, the first event that cannot be decoded ends the batch. */
  poison?(owner: number, index: number, cause: unknown): void
}

/** The commit at `index` of a batch could not be applied: those before it can. */
export class BatchCommitError extends Error {
  readonly index: number
  readonly failure: EventFailedError
  constructor(index: number, failure: EventFailedError) {
    super(failure.message, { cause: failure })
    this.index = index
    this.failure = failure
  }
}

/**
 * Types without a handler are passed over and not even upcast; but one that its aggregate does not declare may be of a
 * newer release, with a meaning for these rows, so it is an error.
 *
 * @param parking hears of events that are left out: those that cannot be decoded, and those behind one that is left out
 * @throws BatchCommitError for the first commit with an event that cannot be decoded, where `parking` does not take it
 */
export function decodeBatch(
  projection: ProjectionDefinition,
  sources: SourcesByName,
  commits: readonly Commit[],
  parking?: DecodeParking,
): DecodedBatch {
  const batch: DecodedBatch = { events: [], owners: [], indexes: [] }

  function leaveOut(owner: number, index: number, { position }: Commit, cause: unknown): void {
    if (!parking?.poison)
      throw new BatchCommitError(owner, new EventFailedError(projection.name, position, cause))
    parking.poison(owner, index, cause)
  }

  // By index: an iterator of entries makes two objects for each, and a rebuild decodes millions.
  for (let owner = 0; owner < commits.length; owner++) {
    const commit = commits[owner]
    if (!commit) continue
    const { aggregate, id, malformed } = commit
    const source = sources.get(aggregate)
    if (malformed || !source) {
      const cause = malformed ?? new TypeError(`${aggregate} is none of its sources`)
      if (parking?.blocks(aggregate, id)) parking.queue(owner, 0)
      else leaveOut(owner, 0, commit, cause)
      continue
    }
    for (let index = 0; index < commit.events.length; index++) {
      const event = commit.events[index]
      if (!event || !isFor(projection, source, event.type)) continue
      if (parking?.blocks(aggregate, id)) {
        parking.queue(owner, index)
        continue
      }
      try {
        batch.events.push(recordedEvent(source.types, event, commit))
        batch.owners.push(owner)
        batch.indexes.push(index)
      } catch (cause) {
        leaveOut(owner, index, commit, cause)
      }
    }
  }
  return batch
}

/** Whether an event of the source changes the rows, or may: nobody here knows what an undeclared one means. */
export function isFor(projection: ProjectionDefinition, { types }: EventSource, type: string): boolean {
  return projection.handles(type) || !types.has(type)
}

/** Says in which commit the event of a batch is that could not be applied. */
export function ofCommit(
  projection: string,
  commits: readonly Commit[],
  { events, owners }: DecodedBatch,
  error: BatchEventError,
): BatchCommitError {
  const index = owners[error.index] ?? 0
  const position = commits[index]?.position ?? { stream: '', sequence: 0 }
  const what = `The event ${events[error.index]?.type}`
  return new BatchCommitError(index, new EventFailedError(projection, position, error.cause, what))
}
