import type { Commit } from '../streams/commit.ts'
import { type EventSource, type RecordedEvent, recordedEvent } from '../streams/recorded-event.ts'
import { EventFailedError } from './errors.ts'
import type { ProjectionDefinition } from './definition.ts'

/** The events of a batch that its projection handles, at the current version of their schemas. */
export interface DecodedBatch {
  events: RecordedEvent[]
  /** For each event, the index of its commit in the batch. */
  owners: number[]
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
 * @throws BatchCommitError for the first commit that holds such an event, or one that no longer fits its schema
 */
export function decodeBatch(
  projection: ProjectionDefinition,
  sources: ReadonlyMap<string, EventSource>,
  commits: Commit[],
): DecodedBatch {
  const batch: DecodedBatch = { events: [], owners: [] }
  for (const [index, commit] of commits.entries()) {
    try {
      const source = sources.get(commit.aggregate)
      if (!source) throw new TypeError(`${commit.aggregate} is none of its sources`)
      for (const event of commit.events) {
        if (!projection.handles(event.type) && source.types.has(event.type)) continue
        batch.events.push(recordedEvent(source.types, event, commit))
        batch.owners.push(index)
      }
    } catch (cause) {
      throw new BatchCommitError(index, new EventFailedError(projection.name, commit.position, cause))
    }
  }
  return batch
}
