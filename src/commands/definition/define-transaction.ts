import type { ZodType, output } from 'zod'
import { isToken } from '../../streams/events/subjects.ts'
import type { NewEvent, Rejection } from './decision.ts'
import type { Aggregate, DecideContext } from './define-aggregate.ts'

/** Who takes part in a transaction, by the role that each has in it. */
export type Roles = Readonly<Record<string, Aggregate>>

/** What the decider of a transaction may know besides states and data. `id` is that of the aggregate addressed. */
export interface TransactionContext<Role extends string = string> extends DecideContext {
  /** The id of the aggregate in each role. */
  ids: { readonly [R in Role]: string }
}

/** What happens to whom: events by role. A role that is left out gets none. */
export type TransactionDecision<R extends Roles> =
  Rejection | { readonly [Role in keyof R]?: NewEvent<R[Role]['events']> | NewEvent<R[Role]['events']>[] }

/** What `defineTransaction` takes. */
export interface TransactionDefinition<
  Name extends string,
  On extends Aggregate,
  Schema extends ZodType,
  R extends Roles,
> {
  /** The command's name: one token, and none of the commands that `on` has itself. */
  name: Name
  /** The aggregate that the command is addressed to. It need not take part. */
  on: On
  /** The command's data. */
  data: Schema
  /** Who takes part: aggregates of one context. */
  roles: R
  /**
   * The ids of those who take part. Pure, and of the data alone: nothing is loaded yet. Two roles that come to the same
   * aggregate are refused with 422 SAME_AGGREGATE, unless this refuses them first with a reason of the domain.
   */
  participants: (data: output<Schema>, id: string) => Rejection | { readonly [Role in keyof R]: string }
  /** Decides what happens to each of them. Pure, synchronous. */
  decide: (
    states: { readonly [Role in keyof R]: R[Role]['initial'] },
    data: output<Schema>,
    context: TransactionContext<keyof R & string>,
  ) => TransactionDecision<R>
}

/** A transaction as the domain's author gets it back: its types are kept for the graph, clients and tests. */
export interface Transaction<
  Name extends string = string,
  On extends Aggregate = Aggregate,
  Schema extends ZodType = ZodType,
  R extends Roles = Roles,
> {
  readonly name: Name
  readonly on: On
  readonly data: Schema
  readonly roles: R
  participants(data: unknown, id: string): Rejection | Readonly<Record<string, string>>
  decide(
    states: Readonly<Record<string, unknown>>,
    data: unknown,
    context: TransactionContext,
  ): TransactionDecision<Roles>
}

/** The transactions that are addressed to one aggregate, by name. */
export type Transactions = ReadonlyMap<string, Transaction>

/** The given transactions by the aggregate that they are addressed to. */
export function transactionsByAggregate(all: readonly Transaction[]): ReadonlyMap<string, Transactions> {
  const byAggregate = Map.groupBy(all, ({ on }) => on.name)
  return new Map(
    Array.from(byAggregate, ([aggregate, some]) => [aggregate, new Map(some.map((one) => [one.name, one]))]),
  )
}

/**
 * Declares a command over several aggregates of one context: what it decides for all of them is stored together, or not at
 * all. On the wire it is a command of `on`: `hw.cmd.account.a-1.transfer`.
 *
 * Only a role that gets an event is guarded by the commit itself. One that is only looked at is compared with the log right
 * before: where a rule rests on what nobody may change meanwhile, give it an event as well.
 *
 * @example
 * const transfer = defineTransaction({
 *   name: 'transfer',
 *   on: account,
 *   data: z.object({ to: z.string(), amount: z.int().positive() }),
 *   roles: { from: account, to: account },
 *   participants: ({ to }, id) => ({ from: id, to }),
 *   decide: ({ from }, { amount }) =>
 *     from.balance < amount
 *       ? reject('INSUFFICIENT_FUNDS', `The account has ${from.balance}`)
 *       : { from: { type: 'account.debited', data: { amount } }, to: { type: 'account.credited', data: { amount } } },
 * })
 * @throws TypeError when the name cannot stand in a subject or is that of a command, or there are no roles
 */
export function defineTransaction<
  const Name extends string,
  On extends Aggregate,
  Schema extends ZodType,
  R extends Roles,
>(definition: TransactionDefinition<Name, On, Schema, R>): Transaction<Name, On, Schema, R> {
  const { name, on, data, roles, participants, decide } = definition
  if (!isToken(name)) throw new TypeError(`The name ${JSON.stringify(name)} may hold only A-Z a-z 0-9 _ -`)
  if (Object.hasOwn(on.commands, name)) throw new TypeError(`${on.name} has a command ${name} already`)
  if (Object.keys(roles).length === 0) throw new TypeError(`Nobody takes part in ${on.name}.${name}`)
  return {
    name,
    on,
    data,
    roles,
    participants: (given, id) => Reflect.apply(participants, undefined, [given, id]),
    decide: (states, given, context) => Reflect.apply(decide, undefined, [states, given, context]),
  }
}
