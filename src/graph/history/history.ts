import type { HistoryEvent, HistoryPoint, HistoryRange, HistoryReader } from './history-reader.ts'

/** The history of one object of an answer, up to the version that the object has. Reads once what several fields need. */
export interface History {
  /** Every event up to the object's version, oldest first. */
  all(): Promise<HistoryEvent[]>
  /** At most `limit` events that follow `after`, or the first ones. */
  page(after: HistoryPoint | undefined, limit: number): Promise<HistoryEvent[]>
}

/** A history whose reads can start before it is known how far the object has come. */
export interface StartedHistory extends History {
  /** What of it is at hand, maybe not up to its end: `upTo` goes on from there. To start reading before the version is known. */
  readonly atHand: History
  /** The same history as an object of this version has it: later events are not part of it, earlier ones cannot lack. */
  upTo(version: number): History
}

/** The history of an aggregate in its log. Nothing is read until something is asked for. */
export function logHistory(reader: HistoryReader, aggregate: string, id: string): StartedHistory {
  const atHand = readOnce((range) =>
    reader.read(aggregate, id, { ...range, enough: (range.after?.version ?? 0) + 1 }),
  )

  /** What follows `end`, up to the version: it is known to exist, and what comes later is not wanted. */
  const rest = (version: number, end: HistoryPoint | undefined, limit?: number) =>
    (end?.version ?? 0) < version
      ? reader.read(aggregate, id, { after: end, limit, atLeast: version, enough: version })
      : []

  return {
    ...readOnce((range) => reader.read(aggregate, id, range)),
    atHand,
    upTo: (version) => ({
      async all() {
        const events = await atHand.all()
        return bounded([...events, ...(await rest(version, events.at(-1)))], version)
      },
      async page(after, limit) {
        const events = await atHand.page(after, limit)
        const missing = limit - events.length
        const more = missing > 0 ? await rest(version, events.at(-1) ?? after, missing) : []
        return bounded([...events, ...more], version)
      },
    }),
  }
}

/** Reads the whole history once, and each page once; pages are cut out of the whole where that is read anyway. */
function readOnce(read: (range: HistoryRange) => Promise<HistoryEvent[]>): History {
  let whole: Promise<HistoryEvent[]> | undefined
  const pages = new Map<string, Promise<HistoryEvent[]>>()
  return {
    all: () => (whole ??= quiet(read({}))),
    page(after, limit) {
      if (whole) return quiet(whole.then((events) => slice(events, after, limit)))
      const key = `${after?.version} ${limit}`
      const known = pages.get(key)
      if (known) return known
      const started = quiet(read({ after, limit }))
      pages.set(key, started)
      return started
    },
  }
}

/** A history of which nothing is made before something of it is asked for: most objects of a list are not asked for theirs. */
export function lazyHistory(open: () => History): History {
  let opened: History | undefined
  return {
    all: () => (opened ??= open()).all(),
    page: (after, limit) => (opened ??= open()).page(after, limit),
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
