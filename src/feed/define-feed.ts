import type { ZodType } from 'zod'
import type { DataOf, EventDefinitions } from '../streams/events/event-types.ts'
import type { EventSource, RecordedEvent } from '../streams/events/recorded-event.ts'
import { assertPublicType } from './feed-subjects.ts'

/** How an event is shown to others. */
export interface PublicShape<Event> {
  /** Its public type: lower case, with dots. That of the event unless given. */
  as?: string
  /** Its public data; as it is unless given. Pure, synchronous. `undefined`: this one is not published. */
  data?: (event: Event) => Record<string, unknown> | undefined
  /** What the public data has to fit: what does not is parked, and never seen by anybody. */
  schema?: ZodType
}

/** What is published of an aggregate: by type, as it is (`true`) or in a shape of its own. */
export type Publications<Events extends EventDefinitions> = {
  readonly [Type in keyof Events & string]?: true | PublicShape<RecordedEvent<Type, DataOf<Events[Type]>>>
}

/** One event type as it is published. */
export interface Publication {
  /** The public type. */
  readonly as: string
  /** Whether the data is as it stands in the log. */
  readonly isAsItIs: boolean
  readonly schema: ZodType | undefined
  data(event: RecordedEvent): unknown
}

/** The public face of an aggregate. */
export interface FeedDefinition {
  readonly from: EventSource
  /** By the type in the log. */
  readonly publications: ReadonlyMap<string, Publication>
}

/**
 * Declares which events of an aggregate others may see, and in which shape. What is not named stays private.
 *
 * @example
 * const accountFeed = defineFeed({
 *   from: account,
 *   publish: {
 *     'account.opened': true,
 *     'account.debited': { as: 'transfer.completed', data: ({ data, aggregateId }) => ({ from: aggregateId, amount: data.amount }) },
 *   },
 * })
 * @throws TypeError when a public type cannot stand in a subject, or nothing is published
 */
export function defineFeed<Name extends string, Events extends EventDefinitions>(definition: {
  from: EventSource<Name, Events>
  publish: Publications<Events>
}): FeedDefinition {
  const { from, publish } = definition
  const publications = new Map(
    Object.entries<unknown>(publish).flatMap(([type, shape]) => {
      if (shape === undefined) return []
      const publication = publicationOf(type, shape)
      assertPublicType(publication.as)
      return [[type, publication]]
    }),
  )
  if (publications.size === 0) throw new TypeError(`The feed of ${from.name} publishes nothing`)
  for (const type of publications.keys()) {
    if (!from.types.has(type)) throw new TypeError(`${from.name} has no event ${type} to publish`)
  }
  return { from, publications }
}

/** Widens an author's shape: its function gets what it declares, since both come from the event's type. */
function publicationOf(type: string, shape: unknown): Publication {
  const { as = type, data, schema } = isShape(shape) ? shape : {}
  return {
    as,
    schema,
    isAsItIs: data === undefined,
    data: (event) => (data ? Reflect.apply(data, undefined, [event]) : event.data),
  }
}

function isShape(shape: unknown): shape is PublicShape<RecordedEvent> {
  return typeof shape === 'object' && shape !== null
}
