import type { EventLog } from '../../streams/log/event-log.ts'
import type { Snapshots } from '../../streams/snapshots.ts'
import { pause } from '../../streams/waiting/pause.ts'
import type { Loaded } from './activation.ts'
import { storeCommands } from './command-pages.ts'
import type { Aggregate } from '../definition/define-aggregate.ts'
import { isJson } from '../is-json.ts'

/**
 * The pause between two rounds of writing: a hot aggregate gets a snapshot a second at most, whatever its rate. One that is
 * due each 200 events at 20,000 events a second would otherwise cost more than its commands.
 */
const PAUSE_MS = 1000

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
  let hurry = new AbortController()
  let writing: Promise<void> | undefined

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const round = [...waiting]
      waiting.clear()
      for (const [key, write] of round) {
        await write().catch((error: unknown) => onError(error, `the snapshot of ${key} was not written`))
      }
      await pause(PAUSE_MS, hurry.signal, { ref: false })
    }
    writing = undefined
  }

  return {
    schedule(aggregate, id, log, loaded) {
      const { state, version, sequence } = loaded
      const key = `${aggregate.name}.${id}`
      if (unfit.has(aggregate.name) || (waiting.size >= WAITING_LIMIT && !waiting.has(key))) return
      // States are values and never change, so what is written is what was true at this version. The ids are taken
      // when it is written: newer ones among them do no harm, each is looked up in the log before it counts.
      waiting.set(key, async () => {
        if (!isJson(state)) {
          unfit.add(aggregate.name)
          throw new TypeError(
            `The state of ${aggregate.name} holds more than JSON can carry (a Date, a Map, a bigint …): it goes without snapshots`,
          )
        }
        await snapshots.save(aggregate.name, id, {
          format: 1,
          stateVersion: aggregate.stateVersion,
          streamCreated: log.created,
          sequence,
          version,
          state,
          ...(await storeCommands(loaded, snapshots.pages(aggregate.name, id))),
        })
      })
      writing ??= writeAll()
    },
    async flush() {
      hurry.abort()
      await writing
      hurry = new AbortController()
    },
  }
}
