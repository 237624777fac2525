import type { GraphQLResolveInfo } from 'graphql/index.js'
import type { GraphContext } from '../context/context.ts'
import type { Resolver, SubscriptionResolver } from '../schema/define-graph.ts'
import type { EntityDefinition, EntityRow } from '../reads/entity.ts'
import { selects } from '../reads/look-ahead.ts'
import type { Condition } from '../reads/select-rows.ts'
import type { Change } from './change.ts'
import { followAll, followOne } from './follow-entity.ts'
import type { Live } from './live.ts'
import { liveOf } from './live-of.ts'
import { liveTypeDefs, memberName } from './live-types.ts'
import { type States, createStates } from './states.ts'
import type { Topic } from './topic.ts'

/** What `defineLive` takes. */
export interface LiveFieldsOptions<Row, Filter> {
  /** The plural of the type as it stands in a field's name; with an `s` unless given. */
  plural?: string
  /** The input type of the filter; without one, the field of many has none. */
  filter?: string
  /** What a filter comes to, as for `connection`. Texts can only be compared for equality. */
  where?: (filter: Filter) => Condition<Row>[]
  /** Of aggregates of several types: there is only the field of one, which has these arguments instead of the key. */
  family?: LiveFamily
}

/** How a client names one of a family. */
export interface LiveFamily {
  /** SDL: `id: ID!, name: String` */
  arguments: string
  /** Which one is meant. What is wrong with the arguments is thrown. */
  locate(
    args: Readonly<Record<string, unknown>>,
    surroundings: { live: Live; field: string; context: GraphContext },
  ): Promise<{ aggregate: string; id: string }>
}

/** What `defineLive` makes: SDL and resolvers. */
export interface LiveFields {
  /** The SDL of `orderChanged`, `ordersChanged` and their payload, `OrderChange`. */
  readonly typeDefs: string
  /** Their two fields of `Subscription`, by name. */
  readonly subscriptions: Record<string, SubscriptionResolver>
  /** The payload's type with its resolvers; to be spread among those of the other types. */
  readonly types: Record<string, Record<string, Resolver>>
}

interface LiveArguments<Filter> {
  after?: string | null
  filter?: Filter | null
  /** The key's field has the id. */
  [key: string]: unknown
}

/**
 * Lets clients follow an entity: one of them (`orderChanged(id, after)`), and all that fit a filter (`ordersChanged(filter, after)`).
 *
 * @example
 * const live = defineLive(orderEntity)
 * const graph = defineGraph({
 *   typeDefs: [orderTypeDefs, live.typeDefs],
 *   resolvers: { Subscription: live.subscriptions, ...live.types },
 *   entities: [orderEntity],
 * })
 */
export function defineLive<Row extends EntityRow, Filter = never>(
  entity: EntityDefinition<Row>,
  { plural, filter: filterType, where, family }: LiveFieldsOptions<Row, Filter> = {},
): LiveFields {
  const { aggregate, key, type } = entity
  const member = memberName(type)
  const one = `${member}Changed`
  const all = `${plural ?? `${member}s`}Changed`
  /** One a process; tests have several in one. */
  const shared = new WeakMap<Live, States<Row>>()

  function statesOf(live: Live): States<Row> {
    const states = shared.get(live) ?? createStates(entity, live)
    shared.set(live, states)
    return states
  }

  async function topicOfOne(args: LiveArguments<Filter>, live: Live, context: GraphContext): Promise<Topic> {
    if (!family) return live.topic(one, aggregate, String(args[key]), undefined, key)
    const found = await family.locate({ ...args }, { live, field: one, context })
    return live.topic(one, found.aggregate, found.id)
  }

  async function following(args: LiveArguments<Filter>, context: GraphContext, info: GraphQLResolveInfo) {
    const { after, filter } = args
    const live = liveOf(context)
    const topic =
      info.fieldName === one
        ? await topicOfOne(args, live, context)
        : live.topic(all, aggregate, undefined, filter)
    const wantsState = selects(info, member)
    return { entity, live, states: statesOf(live), topic, after: after ?? undefined, context, wantsState }
  }

  const ofOne: SubscriptionResolver = {
    subscribe: async (_: unknown, args: LiveArguments<Filter>, context, info) =>
      await followOne(await following(args, context, info)),
  }
  const ofAll: SubscriptionResolver = {
    subscribe: async (_: unknown, args: LiveArguments<Filter>, context, info) =>
      await followAll(await following(args, context, info), conditionsOf(where, args.filter)),
  }

  return {
    typeDefs: liveTypeDefs({
      type,
      member,
      one,
      arguments: family?.arguments ?? `${key}: ID!`,
      all: family ? undefined : all,
      filter: filterType,
    }),
    subscriptions: { [one]: ofOne, ...(!family && { [all]: ofAll }) },
    types: {
      [`${type}Change`]: {
        event: ({ commit, index, state }: Change<Row>, _: unknown, context) =>
          commit && isVisible(entity, state, context) ? liveOf(context).eventOf(commit, index) : null,
        [member]({ state }: Change<Row>, _: unknown, context) {
          const row = state()
          return row && entity.of(row, context)
        },
      },
    },
  }
}

/** Who began to follow it may have lost the right to since: each payload has a context of its own. */
function isVisible<Row extends EntityRow>(
  entity: EntityDefinition<Row>,
  state: () => Row | null,
  context: GraphContext,
): boolean {
  if (!entity.authorize) return true
  const row = state()
  return row !== null && entity.of(row, context) !== null
}

/** Undefined when everything fits, so that no state has to be known. */
function conditionsOf<Row, Filter>(
  where: LiveFieldsOptions<Row, Filter>['where'],
  filter: Filter | null | undefined,
): Condition<Row>[] | undefined {
  if (filter === null || filter === undefined || !where) return undefined
  const conditions = where(filter).filter(([, , value]) => value !== null && value !== undefined)
  return conditions.length === 0 ? undefined : conditions
}
