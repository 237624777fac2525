import type { ZodType } from 'zod'
import { assertPublicType } from '../../feed/feed-subjects.ts'
import type { PublicEvent } from '../../feed/feed-message.ts'
import type { EventSources, TypesOf } from '../../streams/events/event-sources.ts'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import { isToken } from '../../streams/events/subjects.ts'
import type {
  FeedReactor,
  LogReactor,
  LogReactorByType,
  ReactorDefinition,
  ReactorOptions,
} from './definition.ts'
import type { Refusal } from './refusal.ts'

type AnyEvent = RecordedEvent | PublicEvent

/** What an author says of a type, his functions widened. */
interface Reactions {
  readonly ignore: readonly string[]
  react(this: void, event: AnyEvent): unknown
  otherwise?: (event: AnyEvent, refusal: Refusal) => unknown
}

/**
 * Declares a reactor: an event comes, a command goes. At least once for each event, and each command applied once: its id is made
 * from the reactor's name, the event's id and its place among the commands. A new reactor begins with what happens from now on.
 *
 * The functions are synchronous, and answer the same commands for the same event: after a crash they are called again.
 *
 * @example
 * const notify = defineReactor({
 *   name: 'notify',
 *   from: [order],
 *   on: { 'order.shipped': ({ aggregateId }) => commandTo(message, aggregateId, 'send', { text: 'On its way' }) },
 * })
 * const confirm = defineReactor({
 *   name: 'confirm',
 *   from: [order],
 *   on: ['order.created'],
 *   do: ({ aggregateId }) => commandTo(order, aggregateId, 'confirm', {}),
 * })
 * const watch = defineReactor({
 *   name: 'watch',
 *   feed: { 'transfer.completed': z.object({ to: z.string(), amount: z.number() }) },
 *   do: ({ data: { to, amount } }) => commandTo(message, to, 'send', { text: `${amount} for you` }),
 * })
 * @throws TypeError when a name cannot stand in a subject, or a type is none of the sources'
 */
export function defineReactor<const From extends EventSources, Type extends TypesOf<From>>(
  definition: LogReactor<From, Type>,
): ReactorDefinition
export function defineReactor<const From extends EventSources>(
  definition: LogReactorByType<From>,
): ReactorDefinition
export function defineReactor<Schemas extends Record<string, ZodType>>(
  definition: FeedReactor<Schemas>,
): ReactorDefinition
export function defineReactor(definition: AnyReactor): ReactorDefinition {
  const { name, startAt = 'now', order = 'aggregate' } = definition
  if (!isToken(name)) {
    throw new TypeError(`The name of the reactor ${JSON.stringify(name)} may hold only A-Z a-z 0-9 _ -`)
  }
  const reactions = 'feed' in definition ? onFeed(definition) : onLog(definition)
  if (reactions.size === 0) throw new TypeError(`The reactor ${name} reacts to nothing`)
  return {
    name,
    startAt,
    order,
    source:
      'feed' in definition
        ? { kind: 'feed', schemas: new Map(Object.entries(definition.feed)) }
        : { kind: 'log', from: definition.from },
    handles: (type) => reactions.has(type),
    react: (event) => reactions.get(event.type)?.react(event),
    ignores: (type, code) => reactions.get(type)?.ignore.includes(code) ?? false,
    otherwise: (event, refusal) => reactions.get(event.type)?.otherwise?.(event, refusal),
  }
}

interface Given extends ReactorOptions {
  do?: unknown
  otherwise?: unknown
}

interface AnyLogReactor extends Given {
  from: EventSources
  on: object
}

interface AnyFeedReactor extends Given {
  feed: Record<string, ZodType>
}

type AnyReactor = AnyLogReactor | AnyFeedReactor

function onFeed(reactor: AnyFeedReactor): Map<string, Reactions> {
  const types = Object.keys(reactor.feed)
  for (const type of types) assertPublicType(type)
  return new Map(types.map((type) => [type, widened(reactor)]))
}

function onLog(reactor: AnyLogReactor): Map<string, Reactions> {
  const { name, from, on } = reactor
  const entries: [string, unknown][] = Array.isArray(on)
    ? on.map((type: unknown) => [String(type), reactor.do])
    : Object.entries<unknown>({ ...on }).filter(([, reaction]) => reaction !== undefined)
  for (const [type] of entries) {
    if (from.some(({ types }) => types.has(type))) continue
    throw new TypeError(`The reactor ${name} waits for ${type}, which none of its aggregates has`)
  }
  return new Map(
    entries.map(([type, reaction]) => {
      const own = typeof reaction === 'object' ? reaction : { do: reaction }
      return [type, widened({ ...reactor, ...own })]
    }),
  )
}

/** Widens an author's functions: what they get is what they declare, since both come from the event's type. */
function widened({ name, do: react, ignore = [], otherwise }: Given): Reactions {
  if (typeof react !== 'function') throw new TypeError(`The reactor ${name} does nothing: give it a function`)
  if (otherwise !== undefined && typeof otherwise !== 'function')
    throw new TypeError(`What the reactor ${name} does otherwise is no function`)
  return {
    ignore,
    react: (event) => Reflect.apply(react, undefined, [event]),
    ...(otherwise && {
      otherwise: (event, refusal) => Reflect.apply(otherwise, undefined, [event, refusal]),
    }),
  }
}
