import { decodeCursor, encodeCursor, unusable } from './cursor.ts'
import type { GraphContext } from '../context/context.ts'
import type { Entity } from './entity.ts'
import type { HistoryEvent, HistoryPoint } from '../history/history-reader.ts'
import { pageSize } from './page-size.ts'

/** The arguments of `allEvents`. */
export interface EventsArguments {
  first?: number | null
  after?: string | null
}

const STANDARD = 100
const KIND = 'events'

/**
 * The resolver of `allEvents(first: Int = 100, after: String): EventConnection!` of any entity: its events, oldest first.
 * The cursor names the version and where its commit stands, so that a page costs the same wherever it is.
 *
 * @example
 * const resolvers = { Order: { allEvents } }
 * @throws BadUserInputError for a page or a cursor that cannot be
 */
export async function allEvents(
  { history }: Pick<Entity<unknown>, 'history'>,
  args: EventsArguments,
  { maxPage }: GraphContext,
) {
  const { after, limit } = eventsRange(args, maxPage)
  const events = await history.page(after, limit + 1)
  const nodes = events.slice(0, limit)
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node) }))
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: events.length > limit,
      hasPreviousPage: after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

/** @throws BadUserInputError when an argument cannot be */
export function eventsRange({ first, after }: EventsArguments, maxPage: number) {
  return {
    limit: pageSize(first, STANDARD, maxPage),
    after: after === null || after === undefined ? undefined : pointOf(after),
  }
}

function cursorOf({ version, sequence }: HistoryEvent): string {
  return encodeCursor(KIND, `${version}`, `${sequence}`)
}

function pointOf(cursor: string): HistoryPoint {
  const [version, sequence] = decodeCursor(cursor, KIND, 2).map(Number)
  if (!isPositive(version) || !isPositive(sequence))
    throw unusable('is not a cursor; take one from an answer')
  return { version, sequence }
}

const isPositive = (value: number | undefined): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0
