import type { ZodType, output } from 'zod'
import type { PublicEvent } from '../../feed/feed-message.ts'
import type { EventFrom, EventSources, TypesOf } from '../../streams/events/event-sources.ts'
import type { Beginning } from '../../streams/follow/checkpoint.ts'
import type { RecordedEvent } from '../../streams/events/recorded-event.ts'
import type { Reaction } from './reaction.ts'
import type { Refusal } from './refusal.ts'

/** What every reactor may say. */
export interface ReactorOptions {
  /** One token: a reactor of another name is another one, and begins anew. */
  name: string
  /** Where it begins when it is new: with what happens from the first start on, unless this says `beginning`. */
  startAt?: Beginning
  /** Codes of refusals that are as good as success: `['ORDER_ALREADY_SHIPPED']`. Any other refusal is for `otherwise`, or parks the event. */
  ignore?: readonly string[]
  /**
   * `aggregate`: the events of an aggregate in order, later ones waiting behind a parked one. `none` for reactions that do not
   * depend on each other: each event for itself, and nothing waits.
   */
  order?: 'aggregate' | 'none'
}

type React<Event> = (event: Event) => Reaction

/**
 * What to do when a command of the reaction was refused for good, with a 4xx other than 429 that is not to be ignored: commands,
 * or `[]` when there is nothing to do. Undefined, for a refusal that it knows nothing of, parks the event, as if it were not there.
 *
 * It is asked again when the event is handled again. The refused command is sent again before, and may be accepted by then,
 * after some of these were sent already: both have happened then. See docs/reactors.md.
 */
export type Otherwise<Event> = (event: Event, refusal: Refusal) => Reaction

/** A reaction to one type, with what holds for it instead of what the reactor says for all. */
export interface Guarded<Event> {
  do: React<Event>
  ignore?: readonly string[]
  otherwise?: Otherwise<Event>
}

/** A reactor on the logs of contexts, a function for each type, or a function with what to do when it is refused. */
export interface LogReactorByType<From extends EventSources> extends ReactorOptions {
  /** The aggregates whose events it looks at. */
  from: From
  on: { [Type in TypesOf<From>]?: React<EventFrom<From, Type>> | Guarded<EventFrom<From, Type>> }
  otherwise?: Otherwise<EventFrom<From, TypesOf<From>>>
}

/** The same with one function for some types. */
export interface LogReactor<From extends EventSources, Type extends TypesOf<From>> extends ReactorOptions {
  from: From
  on: readonly Type[]
  do: React<EventFrom<From, NoInfer<Type>>>
  otherwise?: Otherwise<EventFrom<From, NoInfer<Type>>>
}

/** A public event of one of these types, told apart by its `type`. */
export type FeedEvent<Schemas extends Record<string, ZodType>> = {
  [Type in keyof Schemas & string]: PublicEvent<Type, output<Schemas[Type]>>
}[keyof Schemas & string]

/** A reactor on the public feed, whoever publishes there; it says what it expects of the data. */
export interface FeedReactor<Schemas extends Record<string, ZodType>> extends ReactorOptions {
  /** By public type, what its data has to fit. */
  feed: Schemas
  do: React<FeedEvent<Schemas>>
  otherwise?: Otherwise<FeedEvent<Schemas>>
}

/** What `defineReactor` makes. */
export interface ReactorDefinition {
  readonly name: string
  readonly startAt: Beginning
  readonly order: 'aggregate' | 'none'
  readonly source:
    | { readonly kind: 'log'; readonly from: EventSources }
    | { readonly kind: 'feed'; readonly schemas: ReadonlyMap<string, ZodType> }
  /** Whether it has anything to do with this type. */
  handles(type: string): boolean
  /** What the author's function answers. */
  react(event: RecordedEvent | PublicEvent): unknown
  /** Whether a refusal with this code is as good as success. */
  ignores(type: string, code: string): boolean
  /** What the author says to a refusal; undefined when he says nothing. */
  otherwise(event: RecordedEvent | PublicEvent, refusal: Refusal): unknown
}
