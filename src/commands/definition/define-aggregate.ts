import type { ZodType, output } from 'zod'
import { type DataOf, type EventDefinitions, createEventTypes } from '../../streams/events/event-types.ts'
import type { EventSource, RecordedEvent } from '../../streams/events/recorded-event.ts'
import { isToken } from '../../streams/events/subjects.ts'
import type { ConsultContext } from './consult-context.ts'
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

/** What `defineAggregate` takes. */
export interface AggregateDefinition<
  Name extends string,
  Events extends EventDefinitions,
  Commands extends Record<string, ZodType>,
  State,
  Answers = NoAnswers,
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
  /**
   * What the outside world says before a command is decided: a payment gateway, a credit bureau. Its answer is the fourth
   * argument of that command's decider. Write it before `decide`, whose types follow from it.
   *
   * It runs while the aggregate waits, and others do not. It is asked **at least once**: after a crash between answer and
   * commit, after a time-out, or when another replica wrote meanwhile, the same command asks again with the same
   * `commandId`, the idempotency key for whoever is asked. Where the state says already what will become of the command
   * (a refusal, or nothing to do), it answers undefined and asks nobody.
   *
   * What it throws refuses the command, and stores nothing: a HeadwaterError with its own code, anything else with
   * CONSULT_FAILED; after `commands.consult_timeout_ms` it is CONSULT_TIMEOUT.
   */
  consult?: {
    [Command in keyof Answers]: (
      state: State,
      command: Command extends keyof Commands ? output<Commands[Command]> : never,
      context: ConsultContext,
    ) => Promise<Answers[Command]>
  }
  /** Decides what a command makes happen. Pure, synchronous. */
  decide: {
    [Command in keyof Commands]: (
      state: State,
      command: output<Commands[Command]>,
      context: DecideContext,
      ...answer: Command extends keyof Answers ? [answer: Answers[Command]] : []
    ) => Decision<Events>
  }
  /** Folds an event into the state. Pure, synchronous; returns a new state. */
  evolve: {
    [Type in keyof Events & string]: Evolve<State, RecordedEvent<Type, DataOf<Events[Type]>>>
  }
}

/** Of an aggregate that asks nobody: a type without keys. */
type NoAnswers = unknown

/** An entry of `consult` as it is called: the command has passed its schema. */
export type Consultation = (state: unknown, command: unknown, context: ConsultContext) => Promise<unknown>

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
  /** Its events happen when they are recorded: a business time of their own is refused. */
  readonly happensNow?: boolean
  /** The commands that are decided with an answer from outside, and how it is got. */
  readonly consultations: ReadonlyMap<string, Consultation>
  /** @param answer what the command's consultation said, if it has one */
  decide(
    command: string,
    state: State,
    data: unknown,
    context: DecideContext,
    answer?: unknown,
  ): Decision<EventDefinitions>
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
  Answers = NoAnswers,
>(
  definition: AggregateDefinition<Name, Events, Commands, State, Answers>,
): Aggregate<Name, Events, Commands, State> {
  const { name, events, commands, initial, stateVersion = 1 } = definition
  const strange = Object.keys(definition.consult ?? {}).find((command) => !Object.hasOwn(commands, command))
  if (strange !== undefined)
    throw new TypeError(`${name} consults about ${strange}, which is none of its commands`)
  for (const token of [name, ...Object.keys(commands)]) {
    if (!isToken(token))
      throw new TypeError(`The name ${JSON.stringify(token)} may hold only A-Z a-z 0-9 _ -`)
  }
  const deciders = new Map(Object.entries(definition.decide))
  const consultations = new Map(
    Object.entries<Consult>(definition.consult ?? {}).map(([command, consult]) => [command, called(consult)]),
  )
  const folds = new Map(Object.entries(definition.evolve))
  return {
    name,
    events,
    commands,
    initial,
    stateVersion,
    consultations,
    types: createEventTypes(events),
    decide(command, state, data, context, answer) {
      const decider = deciders.get(command)
      if (!decider) throw new TypeError(`${name} has no decider for ${command}`)
      return Reflect.apply(decider, undefined, [state, data, context, answer])
    },
    evolve(state, event) {
      const fold = folds.get(event.type)
      return fold ? Reflect.apply(fold, undefined, [state, event]) : state
    },
  }
}

/** As an author writes it: with the types that it was inferred with. */
type Consult = (state: never, command: never, context: ConsultContext) => Promise<unknown>

function called(consult: Consult): Consultation {
  return async (...args) => await Reflect.apply(consult, undefined, args)
}
