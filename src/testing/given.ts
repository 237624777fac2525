import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import type { ZodError, ZodType, input } from 'zod'
import { type Decision, type NewEvent, isRejection } from '../commands/definition/decision.ts'
import type { Aggregate, DecideContext } from '../commands/definition/define-aggregate.ts'
import { isJson } from '../commands/is-json.ts'
import type { EventDefinitions } from '../streams/events/event-types.ts'

/** What a decider may know besides state and command; made up where a test does not care. */
export interface WhenOptions extends Partial<DecideContext> {
  /** What the outside world says to a command that has a `consult`, which no test of a decider calls. */
  answer?: unknown
}

type Commands = Record<string, ZodType>

/** What has happened; now a command comes. */
export interface Given<Events extends EventDefinitions, C extends Commands> {
  /** Sends a command. The data is that of a client: it goes through the command's schema, as the endpoint does it. */
  when<Name extends keyof C & string>(
    command: Name,
    ...rest: Record<string, never> extends input<C[Name]>
      ? [data?: input<C[Name]>, options?: WhenOptions]
      : [data: input<C[Name]>, options?: WhenOptions]
  ): Then<Events>
}

/**
 * What came of a command. Each method throws an AssertionError with the difference when it was something else.
 * None of them is called `then`: JavaScript would take the object for a promise.
 */
export interface Then<Events extends EventDefinitions> {
  /** Exactly these events, in this order. */
  thenEvents(...events: [NewEvent<Events>, ...NewEvent<Events>[]]): void
  /** Accepted, and nothing happened. */
  thenNothing(): void
  /**
   * Refused with this code: one of the domain's own, or INVALID_COMMAND when the data does not fit the schema.
   * @param status is checked when it is given
   */
  thenRejected(code: string, status?: number): void
}

export type Outcome = { accepted: { type: string; data: unknown }[] } | { rejected: Refusal }
interface Refusal {
  code: string
  status: number
  detail: string
}

/**
 * Tests a decider: given what happened, when a command comes, then these events, or a refusal. Names and data are checked
 * by the compiler; at run time they go through the schemas and through JSON, so that an event which the log would not
 * give back as it was fails the test.
 *
 * @example
 * given(order, { type: 'order.created', data: { customerId: 'c-1' } }, { type: 'order.confirmed', data: {} })
 *   .when('ship', { carrier: 'DHL' })
 *   .thenEvents({ type: 'order.shipped', data: { carrier: 'DHL' } })
 *
 * given(order).when('confirm').thenRejected('ORDER_NOT_FOUND', 404)
 */
export function given<Events extends EventDefinitions, C extends Commands, State>(
  aggregate: Aggregate<string, Events, C, State>,
  ...past: NewEvent<Events>[]
): Given<Events, C> {
  return {
    when(command, ...[data, options]) {
      const outcome = run(aggregate, past, command, data ?? {}, options ?? {})
      return {
        thenEvents: (...events) => assertOutcome(outcome, { accepted: stored(aggregate, events) }),
        thenNothing: () => assertOutcome(outcome, { accepted: [] }),
        thenRejected: (code, status) => assertRejected(outcome, code, status),
      }
    },
  }
}

function run<Events extends EventDefinitions, C extends Commands, State>(
  aggregate: Aggregate<string, Events, C, State>,
  past: NewEvent<Events>[],
  command: keyof C & string,
  data: unknown,
  { id = 'test-1', time = '2026-01-31T10:00:00.000Z', commandId = randomUUID(), answer }: WhenOptions,
): Outcome {
  const schema = aggregate.commands[command]
  assert.ok(schema, `${aggregate.name} has no command ${command}`)
  const parsed = schema.safeParse(throughJson(data, `the data of ${command}`))
  if (!parsed.success) return invalid(parsed.error)
  const context = { id, time, commandId }
  const state = fold(aggregate, { state: aggregate.initial, version: 0 }, past, context)
  const decision = aggregate.decide(command, state.state, parsed.data, context, answer)
  if (isRejection(decision)) {
    const { code, status, detail } = decision
    return { rejected: { code, status, detail } }
  }
  const events = eventsOf(decision)
  fold(aggregate, state, events, context)
  return { accepted: stored(aggregate, events) }
}

/** What the endpoint refuses before anybody decides: the data does not fit the schema. */
export function invalid({ issues }: ZodError): { rejected: Refusal } {
  const detail = issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return { rejected: { code: 'INVALID_COMMAND', status: 400, detail } }
}

interface Folded<State> {
  state: State
  version: number
}

/** Folds events as they come back from the log. */
export function fold<Events extends EventDefinitions, State>(
  aggregate: Aggregate<string, Events, Commands, State>,
  start: Folded<State>,
  events: { type: string; data: unknown }[],
  { id, time, commandId }: DecideContext,
): Folded<State> {
  return stored(aggregate, events).reduce<Folded<State>>(({ state, version }, { type, data }) => {
    const next = version + 1
    const recorded = {
      id: randomUUID(),
      type,
      data,
      aggregate: aggregate.name,
      aggregateId: id,
      version: next,
      time,
      correlationId: commandId,
      causationId: commandId,
      commandId,
    }
    return { state: aggregate.evolve(state, recorded), version: next }
  }, start)
}

/** Events as they would stand in the log: through their schemas, and through JSON. */
export function stored<Events extends EventDefinitions>(
  { types }: Aggregate<string, Events>,
  events: readonly { type: string; data: unknown }[],
): { type: string; data: unknown }[] {
  return events.map(({ type, data }) => ({
    type,
    data: throughJson(types.encode(type, data).data, `the data of ${type}`),
  }))
}

export function throughJson(value: unknown, what: string): unknown {
  assert.ok(isJson(value), `${what} holds more than JSON can carry (a Date, a Map, a bigint …)`)
  return JSON.parse(JSON.stringify(value))
}

export function eventsOf(decision: Exclude<Decision<EventDefinitions>, { rejected: true }>) {
  return Array.isArray(decision) ? decision : [decision]
}

function assertOutcome(actual: Outcome, expected: Outcome): void {
  assert.deepEqual(actual, expected)
}

export function assertRejected(outcome: Outcome, code: string, status: number | undefined): void {
  const expected = { code, ...(status !== undefined && { status }) }
  if (!('rejected' in outcome)) {
    assert.deepEqual(outcome, { rejected: expected })
    return
  }
  const { detail, ...actual } = outcome.rejected
  const compared = status === undefined ? { code: actual.code } : actual
  assert.deepEqual(
    compared,
    expected,
    compared.code === code ? undefined : rejectedOtherwise(code, actual.code, detail),
  )
}

const rejectedOtherwise = (expected: string, actual: string, detail: string) =>
  `expected the rejection ${expected}, but it was ${actual}: ${detail}`
