import type { ZodType, output } from 'zod'
import { type DataOf, type EventDefinitions, createEventTypes } from '../streams/event-types.ts'
import type { EventSource, RecordedEvent } from '../streams/recorded-event.ts'
import { isToken } from '../streams/subjects.ts'
import type { Decision } from './decision.ts'

/** What a decider may know besides state and command. It is pure: the clock is handed to it. */
export interface DecideContext {
  /** The aggregate's id. */
  id: string
  /** The business time of the command, ISO 8601 in UTC. */
  time: string
  commandId: string
}

/**
 * A conditional type only so that the compiler puts in what it has inferred for State before it looks at the function:
 * `status: 'shipped'` in the returned object then stays that literal, and an author needs no `as const`.
 */
type Evolve<State, Event> = [State] extends [infer Known] ? (state: Known, event: Event) => Known : never

export interface AggregateDefinition<
  Name extends string,
  Events extends EventDefinitions,
  Commands extends Record<string, ZodType>,
  State,
> {
  /** One token: it stands in subjects. */
  name: Name
  /** The event types and their zod schemas; `versionedEvent` for those that changed. */
  events: Events
  /** The commands and their zod schemas. */
  commands: Commands
  /** The state before the first event. */
  initial: State
  /** Raise it when the shape of the state changes: older snapshots are then ignored. 1 unless given. */
  stateVersion?: number
  /** Decides what a command makes happen. Pure, synchronous. */
  decide: {
    [Command in keyof Commands]: (
      state: State,
      command: output<Commands[Command]>,
      context: DecideContext,
    ) => Decision<Events>
  }
  /** Folds an event into the state. Pure, synchronous; returns a new state. */
  evolve: {
    [Type in keyof Events & string]: Evolve<State, RecordedEvent<Type, DataOf<Events[Type]>>>
  }
}

/** An aggregate as the domain's author gets it back: its types are kept for clients, projections and tests. */
export interface Aggregate<
  Name extends string = string,
  Events extends EventDefinitions = EventDefinitions,
  Commands extends Record<string, ZodType> = Record<string, ZodType>,
  State = unknown,
> extends EventSource<Name, Events> {
  readonly commands: Commands
  readonly initial: State
  readonly stateVersion: number
  decide(command: string, state: State, data: unknown, context: DecideContext): Decision<EventDefinitions>
  evolve(state: State, event: RecordedEvent): State
}

/**
 * Declares an aggregate: the consistency boundary that commands are decided in. All types are inferred from the schemas.
 *
 * @example
 * const counter = defineAggregate({
 *   name: 'counter',
 *   events: { 'counter.added': z.object({ by: z.number() }) },
 *   commands: { add: z.object({ by: z.number() }) },
 *   initial: { total: 0 },
 *   decide: { add: (state, { by }) => ({ type: 'counter.added', data: { by } }) },
 *   evolve: { 'counter.added': (state, { data }) => ({ total: state.total + data.by }) },
 * })
 * @throws TypeError when a name cannot stand in a subject
 */
export function defineAggregate<
  const Name extends string,
  Events extends EventDefinitions,
  Commands extends Record<string, ZodType>,
  State,
>(definition: AggregateDefinition<Name, Events, Commands, State>): Aggregate<Name, Events, Commands, State> {
  const { name, events, commands, initial, stateVersion = 1 } = definition
  for (const token of [name, ...Object.keys(commands)]) {
    if (!isToken(token))
      throw new TypeError(`The name ${JSON.stringify(token)} may hold only A-Z a-z 0-9 _ -`)
  }
  const deciders = new Map(Object.entries(definition.decide))
  const folds = new Map(Object.entries(definition.evolve))
  return {
    name,
    events,
    commands,
    initial,
    stateVersion,
    types: createEventTypes(events),
    decide(command, state, data, context) {
      const decider = deciders.get(command)
      if (!decider) throw new TypeError(`${name} has no decider for ${command}`)
      return Reflect.apply(decider, undefined, [state, data, context])
    },
    evolve(state, event) {
      const fold = folds.get(event.type)
      return fold ? Reflect.apply(fold, undefined, [state, event]) : state
    },
  }
}
