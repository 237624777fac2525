import type { GraphContext } from '../context/context.ts'
import { defineGraph } from '../schema/define-graph.ts'
import { assertOpen } from '../schema/guarded.ts'
import { type Change, bookmark, changeTypeDefs } from './change.ts'
import { closable } from './closable.ts'
import { eventChanges } from './events.ts'
import { liveOf } from './live-of.ts'

interface EventsOfArguments {
  aggregate: string
  id?: string | null
  after?: string | null
  fromStart?: boolean | null
}

/** What the payloads of all subscriptions are made of. */
export const changeGraph = defineGraph({ typeDefs: changeTypeDefs, resolvers: {} })

/**
 * What every service tells those who subscribe, even one whose contexts have no graph of their own. Of several subgraphs one alone
 * has it: a field of `Subscription` cannot be shared.
 */
export const liveGraph = defineGraph({
  typeDefs: `
    extend type Subscription {
      """
      Follows the events of one aggregate, or of all of a type. Without a cursor: a BOOKMARK first, which says where the log stands,
      then every event, in order; or every event that there is, with fromStart. With a cursor: every event since it, then what
      happens; none is left out, none comes twice, whichever server answers.
      """
      eventsOf(aggregate: String!, id: ID, after: Cursor, fromStart: Boolean = false): LoggedEvent!
    }

    "An event, and where it stands"
    type LoggedEvent {
      "EVENT or BOOKMARK"
      type: ChangeType!
      "Subscribe again with this as \`after\` to go on behind this payload"
      cursor: Cursor
      "Whose event it is; null unless the type is EVENT"
      aggregateId: ID
      event: EventNode
    }
    `,
  resolvers: {
    Subscription: {
      eventsOf: {
        async subscribe(
          _: unknown,
          { aggregate, id, after, fromStart }: EventsOfArguments,
          context: GraphContext,
        ) {
          assertOpen(context, aggregate)
          const live = liveOf(context)
          const topic = live.topic('eventsOf', aggregate, id ?? undefined)
          if (typeof after === 'string') {
            const place = await live.place(topic, after)
            return closable((signal) => eventChanges({ live, topic, place, signal }))
          }
          const sequence = fromStart ? 0 : (await topic.log.bounds()).last
          const place = { sequence, index: undefined }
          return closable<Change<never>>(async function* (signal) {
            if (!fromStart) yield bookmark(live.cursorOf(topic, place))
            yield* eventChanges<never>({ live, topic, place, signal })
          })
        },
      },
    },
    LoggedEvent: {
      aggregateId: ({ commit }: Change<never>) => commit?.id,
      event: ({ commit, index }: Change<never>, _: unknown, context) =>
        commit && liveOf(context).eventOf(commit, index),
    },
  },
})
