import type { Commit } from '../../streams/events/commit.ts'
import { hasColumns } from '../reads/as-of.ts'
import type { GraphContext } from '../context/context.ts'
import type { EntityDefinition, EntityRow } from '../reads/entity.ts'
import { foldRows } from '../reads/fold-row.ts'
import type { Condition } from '../reads/select-rows.ts'
import { type Change, bookmark } from './change.ts'
import { closable } from './closable.ts'
import { eventChanges } from './events.ts'
import type { Live } from './live.ts'
import { matches } from './matches.ts'
import { presentState } from './present-state.ts'
import type { States } from './states.ts'
import type { Point, Topic } from './topic.ts'

/** A subscription to an entity, or to many, as it was asked for. */
export interface Following<Row extends EntityRow> {
  entity: EntityDefinition<Row>
  live: Live
  states: States<Row>
  topic: Topic
  /** The cursor to go on from; undefined to begin with the state now. */
  after: string | undefined
  context: GraphContext
  /** Whether anybody reads the state: it costs a look at the history now and then. */
  wantsState: boolean
}

type Changes<Row> = AsyncIterable<Change<Row>>

/** Follows one. What is wrong with the cursor, or with the log at this moment, is thrown before anything is told. */
export async function followOne<Row extends EntityRow>(following: Following<Row>): Promise<Changes<Row>> {
  const { live, topic, after } = following
  const follow = followingFrom(following, undefined)
  if (after !== undefined) {
    const place = await live.place(topic, after)
    return closable((signal) => follow(place, signal))
  }
  const { row, sequence } = await presentOne(following)
  const place = { sequence, index: undefined }
  const first = stated(row, live.cursorOf(topic, place))
  return closable(async function* (signal) {
    yield first
    yield* follow(place, signal)
  })
}

/** Follows all, or those that fulfil conditions. */
export async function followAll<Row extends EntityRow>(
  following: Following<Row>,
  conditions: readonly Condition<Row>[] | undefined,
): Promise<Changes<Row>> {
  const { entity, live, topic, after, context } = following
  const follow = followingFrom(following, conditions)
  if (after !== undefined) {
    const place = await live.place(topic, after)
    return closable((signal) => follow(place, signal))
  }
  const limit = live.maxState
  const now = await presentState(entity, topic.log.stream, conditions ?? [], { db: context.db, limit })
  const place = { sequence: now.sequence, index: undefined }
  return closable(async function* (signal) {
    for (const row of now.rows.splice(0)) if (entity.of(row, context)) yield stated(row, null)
    yield bookmark(live.cursorOf(topic, place))
    yield* follow(place, signal)
  })
}

/** The events after a place: those whose rows the caller may see, and that fulfil the conditions. */
function followingFrom<Row extends EntityRow>(
  { entity, live, states, topic, context, wantsState }: Following<Row>,
  conditions: readonly Condition<Row>[] | undefined,
) {
  const isGuarded = entity.authorize !== undefined
  const fits = (row: Row) =>
    (!isGuarded || entity.of(row, context) !== null) &&
    (!conditions || matches(entity.projection, row, conditions))
  const hasLimits = isGuarded || conditions !== undefined
  const options = {
    live,
    topic,
    isGuarded,
    // Whoever looks at no state is spared the histories.
    states: wantsState || hasLimits ? (commit: Commit) => states.after(commit, context) : undefined,
    fits: hasLimits ? fits : undefined,
  }
  return (place: Point, signal: AbortSignal) => eventChanges({ ...options, place, signal })
}

function stated<Row>(row: Row | null, cursor: string | null): Change<Row> {
  return { type: 'STATE', cursor, commit: null, index: 0, state: () => row }
}

/** The state of one now, and the sequence of the event that left it. A replica that is behind only means an older now. */
async function presentOne<Row extends EntityRow>({
  entity: { projection },
  topic,
  context,
  wantsState,
}: Following<Row>): Promise<{ row: Row | null; sequence: number }> {
  const history = context.history(topic.aggregate, topic.id ?? '')
  const events = wantsState ? await history.all() : []
  const row = foldRows(projection, events)
  if (!wantsState) return { row: null, sequence: (await topic.log.bounds()).last }
  return { row: hasColumns(projection, row) ? row : null, sequence: events.at(-1)?.sequence ?? 0 }
}
