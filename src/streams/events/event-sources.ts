import type { DataOf } from './event-types.ts'
import type { EventSource, RecordedEvent } from './recorded-event.ts'

/** The aggregates whose events a projection or a reactor takes. */
export type EventSources = readonly EventSource[]

/** The event types of any of the sources. (As a mapped type: behind a conditional one the compiler infers no handlers.) */
export type TypesOf<From extends EventSources> = {
  [Index in keyof From]: keyof From[Index]['events'] & string
}[number]

/** The data of an event type, in whichever of the sources it is. */
export type DataFrom<From extends EventSources, Type extends string> = From[number] extends infer Source
  ? Source extends EventSource
    ? Type extends keyof Source['events']
      ? DataOf<Source['events'][Type]>
      : never
    : never
  : never

/** An event of one of these types, of all unless given, told apart by its `type`. */
export type EventFrom<From extends EventSources, Type extends string = TypesOf<From>> = {
  [Each in Type]: RecordedEvent<Each, DataFrom<From, Each>>
}[Type]
