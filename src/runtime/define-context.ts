import type { Aggregate } from '../commands/definition/define-aggregate.ts'
import type { Transaction } from '../commands/definition/define-transaction.ts'
import type { FeedDefinition } from '../feed/define-feed.ts'
import type { GraphDefinition } from '../graph/schema/define-graph.ts'
import type { ProjectionDefinition } from '../projections/definition/definition.ts'
import type { Saga } from '../sagas/define-saga.ts'
import type { ReactorDefinition } from '../sagas/reactors/definition.ts'
import { isToken } from '../streams/events/subjects.ts'
import type { AuthorizeSagas } from './sagas/authorize.ts'

/** The context that the instances of all sagas are in; its stream is SAGAS. */
export const SAGAS = 'sagas'

/** A bounded context: one stream, one subgraph, one or more aggregates. */
export interface Context {
  readonly name: string
  readonly aggregates: readonly Aggregate[]
  /** Commands over several of its aggregates. */
  readonly transactions: readonly Transaction[]
  readonly projections: readonly ProjectionDefinition[]
  /** The subgraph, in one part or several. */
  readonly graph: GraphDefinition | readonly GraphDefinition[] | undefined
  /** What of its events is public. */
  readonly feeds: readonly FeedDefinition[]
  readonly reactors: readonly ReactorDefinition[]
  /** Their instances are in a log of their own, that of the context `sagas`. */
  readonly sagas: readonly Saga[]
  /** Who may see them, and what of them. */
  readonly authorizeSagas?: AuthorizeSagas
  /** What of the graph is to be in the subgraph of all sagas. */
  readonly sagaGraph?: GraphDefinition
}

/** What `defineContext` takes. */
export interface ContextDefinition {
  /** One token, by custom the plural: `orders`. Its upper case is the stream's name. */
  name: string
  /** One at least, unless the context has nothing but sagas and reactors. */
  aggregates?: readonly Aggregate[]
  /** Commands over several aggregates, all of them of this context. */
  transactions?: readonly Transaction[]
  projections?: readonly ProjectionDefinition[]
  graph?: GraphDefinition | readonly GraphDefinition[]
  /** What of its events is public, aggregate by aggregate. */
  feed?: FeedDefinition | readonly FeedDefinition[]
  /** What it does when something happens, in its own logs or elsewhere. */
  reactors?: readonly ReactorDefinition[]
  /** Business transactions over several aggregates, of any contexts. */
  sagas?: readonly Saga[]
  /** Who may see these sagas in the graph, and which fields of them; as `authorize` of an entity. */
  authorizeSagas?: AuthorizeSagas
  /**
   * Fields that show these sagas on types of other contexts (`Order.saga`). They are in the subgraph that has the sagas, not in
   * this context's own: so they cost no further hop, and every gateway can serve them.
   */
  sagaGraph?: GraphDefinition
}

/**
 * Declares a bounded context out of its parts.
 *
 * @example
 * export const counters = defineContext({ name: 'counters', aggregates: [counter] })
 * @throws TypeError when the name cannot stand in a subject, there is no aggregate, or a transaction has to do with an
 *   aggregate that is not of this context: no commit is atomic over two of them
 */
export function defineContext({
  name,
  aggregates = [],
  transactions = [],
  projections = [],
  graph,
  feed = [],
  reactors = [],
  sagas = [],
  authorizeSagas,
  sagaGraph,
}: ContextDefinition): Context {
  if (!isToken(name)) {
    throw new TypeError(`The context name ${JSON.stringify(name)} may hold only A-Z a-z 0-9 _ -`)
  }
  if (name === SAGAS)
    throw new TypeError(`No context can be called ${SAGAS}: the instances of all sagas are there`)
  if (aggregates.length + sagas.length + reactors.length === 0) {
    throw new TypeError(`The context ${name} has neither an aggregate nor a saga`)
  }
  assertOwn(name, aggregates, transactions)
  const feeds = [feed].flat()
  assertOwnFeeds(name, aggregates, feeds)
  return {
    name,
    aggregates,
    transactions,
    projections,
    graph,
    feeds,
    reactors,
    sagas,
    ...(authorizeSagas && { authorizeSagas }),
    ...(sagaGraph && { sagaGraph }),
  }
}

function assertOwn(
  context: string,
  aggregates: readonly Aggregate[],
  transactions: readonly Transaction[],
): void {
  for (const { name, on, roles } of transactions) {
    for (const aggregate of [on, ...Object.values(roles)]) {
      if (aggregates.includes(aggregate)) continue
      throw new TypeError(
        `The transaction ${on.name}.${name} has to do with ${aggregate.name}, which is no aggregate of the context ${context}`,
      )
    }
  }
  const names = transactions.map(({ name, on }) => `${on.name}.${name}`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TypeError(`The context ${context} has two transactions ${twice}`)
}

/** Each publishes what is its own: the positions in the feed are those of its stream. */
function assertOwnFeeds(
  context: string,
  aggregates: readonly Aggregate[],
  feeds: readonly FeedDefinition[],
): void {
  const names = feeds.map(({ from }) => from.name)
  const stranger = names.find((name) => !aggregates.some((aggregate) => aggregate.name === name))
  if (stranger !== undefined) {
    throw new TypeError(`The context ${context} publishes ${stranger}, which is none of its aggregates`)
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TypeError(`The context ${context} has two feeds of ${twice}`)
}
