import { isToken } from '../../streams/events/subjects.ts'
import type { GraphContext } from '../context/context.ts'
import { defineGraph } from '../schema/define-graph.ts'
import type { Representation } from '../schema/entity-type.ts'
import { BadUserInputError, badId, notServed } from '../errors.ts'
import { type EventsArguments, allEvents } from './events-field.ts'
import { assertOpen } from '../schema/guarded.ts'

interface EventsOfArguments extends EventsArguments {
  aggregate: string
  id: string
}

/** What every service answers, even one whose contexts have no graph of their own: what is in the log. */
export const logGraph = defineGraph({
  typeDefs: `
    extend type Query {
      "The events of any aggregate that is served here, oldest first; none when there is no such aggregate"
      eventsOf(aggregate: String!, id: ID!, first: Int = 100, after: String): EventConnection! @shareable
    }
  `,
  entities: [
    {
      type: 'CommandResult',
      /** Each subgraph adds the objects of its own aggregates to it, and needs no more than this to find them. */
      resolveReference({ aggregate, id }: Representation) {
        if (typeof aggregate === 'string' && typeof id === 'string') return { aggregate, id }
        throw new BadUserInputError('aggregate id', 'must be strings')
      },
    },
  ],
  resolvers: {
    Query: {
      async eventsOf(_: unknown, { aggregate, id, ...page }: EventsOfArguments, context: GraphContext) {
        if (!isToken(id)) throw badId('id')
        assertOpen(context, aggregate)
        if (!context.aggregates.includes(aggregate)) throw notServed(context.aggregates)
        return await allEvents({ history: context.history(aggregate, id) }, page, context)
      },
    },
  },
})
