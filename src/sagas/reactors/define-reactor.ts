import type { ZodType } from 'zod'
import { assertPublicType } from '../../feed/feed-subjects.ts'
import type { PublicEvent } from '../../feed/feed-message.ts'
import type { EventSource, RecordedEvent } from '../../streams/recorded-event.ts'
import { isToken } from '../../streams/subjects.ts'
import type {
  FeedReactor,
  LogReactor,
  LogReactorByType,
  ReactorDefinition,
  ReactorOptions,
  TypesOf,
} from './definition.ts'

type React = (event: RecordedEvent | PublicEvent) => unknown

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
 *   on: { 'order.shipped': ({ aggregateId }) => ({ aggregate: 'message', id: aggregateId, name: 'send', data: { text: 'On its way' } }) },
 * })
 * const confirm = defineReactor({ name: 'confirm', from: [order], on: ['order.created'], do: (event) => … })
 * const watch = defineReactor({ name: 'watch', feed: { 'transfer.completed': Transfer }, do: (event) => … })
 * @throws TypeError when a name cannot stand in a subject, or a type is none of the sources'
 */
export function defineReactor<const From extends readonly EventSource[], Type extends TypesOf<From>>(
  definition: LogReactor<From, Type>,
): ReactorDefinition
export function defineReactor<const From extends readonly EventSource[]>(
  definition: LogReactorByType<From>,
): ReactorDefinition
export function defineReactor<Schemas extends Record<string, ZodType>>(
  definition: FeedReactor<Schemas>,
): ReactorDefinition
export function defineReactor(definition: AnyReactor): ReactorDefinition {
  const { name, startAt = 'now', ignore = [], order = 'aggregate' } = definition
  if (!isToken(name)) {
    throw new TypeError(`The name of the reactor ${JSON.stringify(name)} may hold only A-Z a-z 0-9 _ -`)
  }
  const reactions = 'feed' in definition ? onFeed(definition) : onLog(definition)
  if (reactions.size === 0) throw new TypeError(`The reactor ${name} reacts to nothing`)
  return {
    name,
    startAt,
    order,
    ignore: new Set(ignore),
    source:
      'feed' in definition
        ? { kind: 'feed', schemas: new Map(Object.entries(definition.feed)) }
        : { kind: 'log', from: definition.from },
    handles: (type) => reactions.has(type),
    react: (event) => reactions.get(event.type)?.(event),
  }
}

interface AnyLogReactor extends ReactorOptions {
  from: readonly EventSource[]
  on: object
  do?: unknown
}

interface AnyFeedReactor extends ReactorOptions {
  feed: Record<string, ZodType>
  do: unknown
}

type AnyReactor = AnyLogReactor | AnyFeedReactor

function onFeed({ name, feed, do: react }: AnyFeedReactor): Map<string, React> {
  for (const type of Object.keys(feed)) assertPublicType(type)
  return new Map(Object.keys(feed).map((type) => [type, widened(name, react)]))
}

function onLog({ name, from, on, do: react }: AnyLogReactor): Map<string, React> {
  const entries: [string, unknown][] = Array.isArray(on)
    ? on.map((type: unknown) => [String(type), react])
    : Object.entries<unknown>({ ...on }).filter(([, reaction]) => reaction !== undefined)
  for (const [type] of entries) {
    if (from.some(({ types }) => types.has(type))) continue
    throw new TypeError(`The reactor ${name} waits for ${type}, which none of its aggregates has`)
  }
  return new Map(entries.map(([type, reaction]) => [type, widened(name, reaction)]))
}

/** Widens an author's function: what it gets is what it declares, since both come from the event's type. */
function widened(name: string, react: unknown): React {
  if (typeof react !== 'function') throw new TypeError(`The reactor ${name} does nothing: give it a function`)
  return (event) => Reflect.apply(react, undefined, [event])
}
