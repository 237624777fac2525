import type { ZodType, output } from 'zod'
import type { PublicEvent } from '../../feed/feed-message.ts'
import type { DataOf } from '../../streams/event-types.ts'
import type { Beginning } from '../../streams/follow/checkpoint.ts'
import type { EventSource, RecordedEvent } from '../../streams/recorded-event.ts'
import type { Reaction } from './reactor-command.ts'

/** What every reactor may say. */
export interface ReactorOptions {
  /** One token: a reactor of another name is another one, and begins anew. */
  name: string
  /** Where it begins when it is new: with what happens from the first start on, unless this says `beginning`. */
  startAt?: Beginning
  /** Codes of refusals that are as good as success: `['ORDER_ALREADY_SHIPPED']`. Any other refusal parks the event. */
  ignore?: readonly string[]
  /**
   * `aggregate`: the events of an aggregate in order, later ones waiting behind a parked one. `none` for reactions that do not
   * depend on each other: each event for itself, and nothing waits.
   */
  order?: 'aggregate' | 'none'
}

type Sources = readonly EventSource[]

/** The event types of any of the sources. (As a mapped type: behind a conditional one the compiler infers no handlers.) */
export type TypesOf<From extends Sources> = {
  [Index in keyof From]: keyof From[Index]['events'] & string
}[number]

type DataFrom<From extends Sources, Type extends string> = From[number] extends infer Source
  ? Source extends EventSource
    ? Type extends keyof Source['events']
      ? DataOf<Source['events'][Type]>
      : never
    : never
  : never

/** An event of one of these types, told apart by its `type`. */
export type EventFrom<From extends Sources, Type extends string> = {
  [Each in Type]: RecordedEvent<Each, DataFrom<From, Each>>
}[Type]

/** A reactor on the logs of contexts, a function for each type. */
export interface LogReactorByType<From extends Sources> extends ReactorOptions {
  /** The aggregates whose events it looks at. */
  from: From
  on: { [Type in TypesOf<From>]?: (event: EventFrom<From, Type>) => Reaction }
}

/** The same with one function for some types. */
export interface LogReactor<From extends Sources, Type extends TypesOf<From>> extends ReactorOptions {
  from: From
  on: readonly Type[]
  do: (event: EventFrom<From, NoInfer<Type>>) => Reaction
}

/** A public event of one of these types, told apart by its `type`. */
export type FeedEvent<Schemas extends Record<string, ZodType>> = {
  [Type in keyof Schemas & string]: PublicEvent<Type, output<Schemas[Type]>>
}[keyof Schemas & string]

/** A reactor on the public feed, whoever publishes there; it says what it expects of the data. */
export interface FeedReactor<Schemas extends Record<string, ZodType>> extends ReactorOptions {
  /** By public type, what its data has to fit. */
  feed: Schemas
  do: (event: FeedEvent<Schemas>) => Reaction
}

/** What `defineReactor` makes. */
export interface ReactorDefinition {
  readonly name: string
  readonly startAt: Beginning
  readonly ignore: ReadonlySet<string>
  readonly order: 'aggregate' | 'none'
  readonly source:
    | { readonly kind: 'log'; readonly from: Sources }
    | { readonly kind: 'feed'; readonly schemas: ReadonlyMap<string, ZodType> }
  /** Whether it has anything to do with this type. */
  handles(type: string): boolean
  /** What the author's function answers. */
  react(event: RecordedEvent | PublicEvent): unknown
}
