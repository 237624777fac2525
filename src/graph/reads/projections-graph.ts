import type { GraphContext } from '../context/context.ts'
import { defineGraph } from '../schema/define-graph.ts'

/** How the projections fare, of every service. */
export const projectionsGraph = defineGraph({
  typeDefs: `
    extend type Query {
      "Every projection in the database, whichever process runs it, as it was at most a second ago"
      projections: [Projection!]! @shareable
    }

    "A table that events are applied to. What the process that answers cannot know is null."
    type Projection @shareable {
      name: String!
      "up, lagging or down; rebuilding while its rows are still those of an older definition"
      status: String!
      "Of the definition that its rows were made with"
      version: Int!
      positions: [ProjectionPosition!]!
      "Events that are not applied yet; an upper bound when another process applies them. 0 when caught up"
      lagEvents: Long
      "The age of the oldest event that is not applied yet, in milliseconds; 0 when caught up"
      lagMs: Long
      "Events a second, lately; known to the process that applies them"
      ratePerSecond: Float
      "Commits in the last batch; known to the process that applies them"
      batchSize: Int
      "Null when the last attempt went well"
      lastError: String
      "Events that could not be applied"
      parked: Int!
      "Later events of the same aggregates, which wait behind them"
      queued: Int!
      "The last rebuild, or the one that runs"
      rebuild: ProjectionRebuild
    }

    type ProjectionPosition @shareable {
      stream: String!
      "The sequence of the last commit that is applied"
      applied: Long!
      "How far the stream is ahead of it"
      pending: Long
    }

    type ProjectionRebuild @shareable {
      "waiting, running, done, failed or cancelled"
      state: String!
      "What it is at"
      phase: String!
      events: Long!
      "About how many there are"
      eventsTotal: Long!
      "Events a second, lately"
      rate: Float!
      "Null unless it runs"
      etaSeconds: Int
    }
  `,
  resolvers: {
    Query: {
      projections: (_: unknown, _args: unknown, context: GraphContext) => context.projections(),
    },
  },
})
