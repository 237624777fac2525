import type { EventLog } from '../../streams/log/event-log.ts'

/** What a subscription follows, and what makes it the same one when it comes back. */
export interface Topic {
  readonly log: EventLog
  readonly aggregate: string
  /** One aggregate; all of the type when undefined. */
  readonly id: string | undefined
  /** Identifies field and arguments: a cursor is only good for the same. */
  readonly identity: string
}

/** A place in a topic: everything up to here has been told. */
export interface Point {
  readonly sequence: number
  /** The last event of the commit at `sequence` that was told, from 0; undefined when all of them were. */
  readonly index: number | undefined
}

/** A JSON text that is the same for equal values: keys sorted, what is null or not given left out. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null'
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null && one !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  )
}
