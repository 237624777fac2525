import type { HistoryEvent, HistoryPoint, HistoryReader } from './history-reader.ts'

/** The history of one object of an answer, up to the version that the object has. Reads once what several fields need. */
export interface History {
  /** Every event up to the object's version, oldest first. */
  all(): Promise<HistoryEvent[]>
  /** At most `limit` events that follow `after`, or the first ones. */
  page(after: HistoryPoint | undefined, limit: number): Promise<HistoryEvent[]>
}

/** A history whose reads can start before it is known how far the object has come. */
export interface StartedHistory extends History {
  /** The same history as an object of this version has it: later events are not part of it, earlier ones cannot lack. */
  upTo(version: number): History
}

/** The history of an aggregate in its log. Nothing is read until something is asked for. */
export function logHistory(reader: HistoryReader, aggregate: string, id: string): StartedHistory {
  let whole: Promise<HistoryEvent[]> | undefined
  const pages = new Map<string, Promise<HistoryEvent[]>>()

  const all = () => (whole ??= quiet(reader.read(aggregate, id)))

  function page(after: HistoryPoint | undefined, limit: number): Promise<HistoryEvent[]> {
    if (whole) return quiet(whole.then((events) => slice(events, after, limit)))
    const key = `${after?.version} ${limit}`
    const known = pages.get(key)
    if (known) return known
    const started = quiet(reader.read(aggregate, id, { after, limit }))
    pages.set(key, started)
    return started
  }

  return {
    all,
    page,
    upTo: (version) => ({
      async all() {
        const events = await all()
        const end = events.at(-1)
        const rest =
          (end?.version ?? 0) < version
            ? await reader.read(aggregate, id, { after: end, atLeast: version })
            : []
        return bounded([...events, ...rest], version)
      },
      async page(after, limit) {
        const events = await page(after, limit)
        const end = events.at(-1) ?? after
        const rest =
          events.length < limit && (end?.version ?? 0) < version
            ? await reader.read(aggregate, id, { after: end, limit: limit - events.length, atLeast: version })
            : []
        return bounded([...events, ...rest], version)
      },
    }),
  }
}

/** A history that has been read already. */
export function readHistory(events: HistoryEvent[]): History {
  return {
    all: () => Promise.resolve(events),
    page: (after, limit) => Promise.resolve(slice(events, after, limit)),
  }
}

const bounded = (events: HistoryEvent[], version: number) =>
  events.filter((event) => event.version <= version)

function slice(events: HistoryEvent[], after: HistoryPoint | undefined, limit: number): HistoryEvent[] {
  const start = after?.version ?? 0
  return events.filter(({ version }) => version > start).slice(0, limit)
}

/** A read that starts early may turn out not to be needed; its failure is then nobody's. Whoever waits for it still sees it. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
