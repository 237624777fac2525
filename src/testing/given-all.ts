import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import type { ZodType, input } from 'zod'
import { type NewEvent, type Rejection, isRejection } from '../commands/definition/decision.ts'
import type { Aggregate, DecideContext } from '../commands/definition/define-aggregate.ts'
import type { Roles, Transaction } from '../commands/definition/define-transaction.ts'
import { type Outcome, assertRejected, eventsOf, fold, invalid, stored, throughJson } from './given.ts'

/** What happened to each of those who take part, by role. */
export type PastOf<R extends Roles> = { readonly [Role in keyof R]: NewEvent<R[Role]['events']>[] }

/** What has happened to those who take part; now the transaction comes. */
export interface GivenAll<Schema extends ZodType, R extends Roles> {
  /** Sends the transaction to the aggregate with `options.id`. The data goes through the schema. */
  when(data: input<Schema>, options?: Partial<DecideContext>): ThenAll<R>
}

/** What came of a transaction. Each method throws an AssertionError with the difference when it was something else. */
export interface ThenAll<R extends Roles> {
  /** Exactly these events, in this order; nothing for a role that is left out. */
  thenEvents(events: Partial<PastOf<R>>): void
  /** Accepted, and nothing happened. */
  thenNothing(): void
  /** Refused with this code; the status is checked when it is given. */
  thenRejected(code: string, status?: number): void
}

type OutcomeOfAll = { accepted: Record<string, unknown[]> } | Extract<Outcome, { rejected: unknown }>

/**
 * Tests the decider of a transaction, as `given` does that of a command.
 *
 * @example
 * givenAll(transfer, { from: [{ type: 'account.credited', data: { amount: 5 } }], to: [] })
 *   .when({ to: 'a-2', amount: 3 }, { id: 'a-1' })
 *   .thenEvents({
 *     from: [{ type: 'account.debited', data: { amount: 3 } }],
 *     to: [{ type: 'account.credited', data: { amount: 3 } }],
 *   })
 */
export function givenAll<Schema extends ZodType, R extends Roles>(
  transaction: Transaction<string, Aggregate, Schema, R>,
  past: PastOf<R>,
): GivenAll<Schema, R> {
  return {
    when(data, options = {}) {
      const outcome = run(transaction, past, data, options)
      const thenEvents = (events: Partial<PastOf<R>>) =>
        assert.deepEqual(outcome, {
          accepted: byRole(transaction, (role, aggregate) => stored(aggregate, events[role] ?? [])),
        })
      return {
        thenEvents,
        thenNothing: () => thenEvents({}),
        thenRejected: (code, status) =>
          'rejected' in outcome
            ? assertRejected(outcome, code, status)
            : assert.deepEqual(outcome, { rejected: { code } }),
      }
    },
  }
}

function run<R extends Roles>(
  transaction: Transaction<string, Aggregate, ZodType, R>,
  past: PastOf<R>,
  data: unknown,
  { id = 'test-1', time = '2026-01-31T10:00:00.000Z', commandId = randomUUID() }: Partial<DecideContext>,
): OutcomeOfAll {
  const parsed = transaction.data.safeParse(throughJson(data, `the data of ${transaction.name}`))
  if (!parsed.success) return invalid(parsed.error)
  const ids = transaction.participants(parsed.data, id)
  if (isRejection(ids)) return refusal(ids)
  const contextOf = (role: string) => ({ id: ids[role] ?? '', time, commandId })
  const folded = byRole(transaction, (role, aggregate) =>
    fold(aggregate, { state: aggregate.initial, version: 0 }, past[role] ?? [], contextOf(role)),
  )
  const states = Object.fromEntries(Object.entries(folded).map(([role, { state }]) => [role, state]))
  const decision = transaction.decide(states, parsed.data, { id, time, commandId, ids })
  if (isRejection(decision)) return refusal(decision)
  return {
    accepted: byRole(transaction, (role, aggregate) => {
      const events = eventsOf(decision[role] ?? [])
      const before = folded[role]
      if (before) fold(aggregate, before, events, contextOf(role))
      return stored(aggregate, events)
    }),
  }
}

const refusal = ({ code, status, detail }: Rejection) => ({ rejected: { code, status, detail } })

function byRole<R extends Roles, Result>(
  { roles }: Transaction<string, Aggregate, ZodType, R>,
  make: (role: keyof R & string, aggregate: Aggregate) => Result,
): Record<string, Result> {
  return Object.fromEntries(
    Object.entries<Aggregate>(roles).map(([role, aggregate]) => [role, make(role, aggregate)]),
  )
}
