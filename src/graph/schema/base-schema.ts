/**
 * What every graph is written with. `Query`, `Mutation` and `Subscription` get their fields from the contexts' graphs. These
 * types are the same in every subgraph, so that any may answer them: `@shareable`.
 */
export const baseTypeDefs = /* GraphQL */ `
  "A decimal number of any size as a string, exact: \\"12.50\\""
  scalar Decimal
  "A moment in ISO 8601 with its offset, as a string: \\"2026-01-31T10:00:00.000Z\\""
  scalar DateTime
  "A day as a string: \\"2026-01-31\\""
  scalar Date
  "Any JSON value"
  scalar JSON
  "A whole number up to 2^53, as a JSON number"
  scalar Long

  type Query
  type Mutation
  type Subscription

  enum SortDirection {
    ASC
    DESC
  }

  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }

  "A place in a log"
  type Position @shareable {
    stream: String!
    "0 when the aggregate has no events"
    sequence: Long!
  }

  "A place in a log that an answer has to know of"
  input PositionInput {
    stream: String!
    sequence: Long!
  }

  "A command that was accepted. A refused one is an error with \`extensions\` code, status and errors."
  type CommandResult @key(fields: "aggregate id") {
    aggregate: String! @shareable
    id: ID! @shareable
    "The aggregate's version after the command"
    version: Int! @shareable
    position: Position! @shareable
    events: [EventSummary!]! @shareable
    "True when a command with this commandId was accepted before: this is its answer again"
    duplicate: Boolean! @shareable
  }

  type EventSummary @shareable {
    id: ID!
    type: String!
    version: Int!
    time: DateTime!
  }

  "An event as it stands in the log"
  type EventNode @shareable {
    id: ID!
    type: String!
    "The aggregate's version after it"
    version: Int!
    "When it happened in the business"
    time: DateTime!
    data: JSON!
    correlationId: String!
    causationId: String!
    commandId: String!
  }

  type EventEdge @shareable {
    node: EventNode!
    cursor: String!
  }

  "Events of one aggregate, oldest first"
  type EventConnection @shareable {
    edges: [EventEdge!]!
    nodes: [EventNode!]!
    pageInfo: PageInfo!
  }
`
