import type { EventLog } from '../streams/event-log.ts'
import type { Snapshots } from '../streams/snapshots.ts'
import type { Loaded } from './activation.ts'
import type { Aggregate } from './define-aggregate.ts'
import { isJson } from './is-json.ts'

/** How many aggregates may wait for their snapshot; past that one is left out, and comes due again later. */
const WAITING_LIMIT = 1000

/** Writes snapshots one after another, behind the commands: never on their way, and only the newest of each aggregate. */
export interface SnapshotWriter {
  schedule(aggregate: Aggregate, id: string, log: EventLog, loaded: Loaded): void
  /** Resolves when nothing waits any more. */
  flush(): Promise<void>
}

export function createSnapshotWriter({
  snapshots,
  onError,
}: {
  snapshots: Snapshots
  onError: (error: unknown, what: string) => void
}): SnapshotWriter {
  const waiting = new Map<string, () => Promise<void>>()
  const unfit = new Set<string>()
  let writing: Promise<void> | undefined

  async function writeAll(): Promise<void> {
    // What is scheduled meanwhile is reached too: a Map is walked to whatever end it has by then.
    for (const [key, write] of waiting) {
      waiting.delete(key)
      await write().catch((error: unknown) => onError(error, `the snapshot of ${key} was not written`))
    }
    writing = undefined
  }

  return {
    schedule(aggregate, id, log, { state, version, sequence, recent }) {
      const key = `${aggregate.name}.${id}`
      if (unfit.has(aggregate.name) || (waiting.size >= WAITING_LIMIT && !waiting.has(key))) return
      if (!isJson(state)) {
        unfit.add(aggregate.name)
        onError(
          new TypeError(
            `The state of ${aggregate.name} holds more than JSON can carry (a Date, a Map, a bigint …)`,
          ),
          `${aggregate.name} goes without snapshots`,
        )
        return
      }
      // States are values and never change, so what is written is what was true at this version. The ids are taken
      // when it is written: newer ones among them do no harm, each is looked up in the log before it counts.
      waiting.set(key, () =>
        snapshots.save(aggregate.name, id, {
          format: 1,
          stateVersion: aggregate.stateVersion,
          streamCreated: log.created,
          sequence,
          version,
          state,
          commands: recent.toString(),
        }),
      )
      writing ??= writeAll()
    },
    async flush() {
      await writing
    },
  }
}
