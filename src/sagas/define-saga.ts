import type { ZodType, output } from 'zod'
import { isToken } from '../streams/events/subjects.ts'
import { type SagaAggregate, sagaAggregate } from './machine/aggregate.ts'
import type { Plan } from './machine/plan.ts'
import type { Step } from './step.ts'

/** What `defineSaga` takes. */
export interface SagaDefinition<Name extends string, Input extends ZodType> {
  /** One token: its log is at `hw.evt.<name>.<id>`, and it is started with `hw.cmd.<name>.<id>.start`. */
  name: Name
  /** Raise it when the steps change, and keep the old definition in `earlier` while instances of it may be unfinished. */
  version?: number
  /** What it is started with. */
  input: Input
  /** After so long, in milliseconds, a saga that has not passed its pivot is undone. */
  deadlineMs?: number
  /** One after another; those of an inner list side by side. */
  steps: readonly (Step<output<Input>> | readonly Step<output<Input>>[])[]
  /** Older versions, so that their unfinished instances are gone on with. */
  earlier?: readonly Saga[]
}

/** A saga as its author gets it back. */
export interface Saga<Name extends string = string, Input extends ZodType = ZodType> {
  readonly name: Name
  readonly version: number
  readonly input: Input
  /** The steps by version, the current one and those before it. */
  readonly plans: ReadonlyMap<number, Plan>
  /** Whether an instance, of any version, may have one. */
  readonly hasDeadline: boolean
  /** Its instances are aggregates like others: their log, and the commands that they take from outside. */
  readonly aggregate: SagaAggregate
}

/**
 * Declares a saga: a business transaction over several aggregates, whose steps are undone, in reverse order, when a later
 * one fails.
 *
 * @example
 * const checkout = defineSaga({
 *   name: 'checkout',
 *   input: z.object({ orderId: z.string(), sku: z.string() }),
 *   steps: [
 *     {
 *       name: 'reserve',
 *       invoke: ({ id, input }) => commandTo(product, input.sku, 'reserve', { reservationId: id, quantity: 1 }),
 *       compensate: ({ id, input }) => commandTo(product, input.sku, 'release', { reservationId: id }),
 *     },
 *     { name: 'confirm', invoke: ({ input }) => commandTo(order, input.orderId, 'confirm', {}) },
 *   ],
 * })
 * @throws TypeError when a name cannot stand in a subject, or is there twice; when there is no step; for two pivots
 */
export function defineSaga<const Name extends string, Input extends ZodType>({
  name,
  version = 1,
  input,
  deadlineMs,
  steps,
  earlier = [],
}: SagaDefinition<Name, Input>): Saga<Name, Input> {
  const own: Plan = {
    version,
    input,
    deadlineMs,
    stages: steps.map((stage) => ('name' in stage ? [stage] : stage)),
  }
  assertPlan(name, own)
  const plans = new Map(
    [own, ...earlier.flatMap(({ plans }) => [...plans.values()])].map((plan) => [plan.version, plan]),
  )
  if (plans.size <= earlier.length) throw new TypeError(`The saga ${name} has two definitions of one version`)
  if (earlier.some((other) => other.name !== name))
    throw new TypeError(`An earlier version of ${name} has another name`)
  const hasDeadline = [...plans.values()].some((plan) => plan.deadlineMs !== undefined)
  return { name, version, input, plans, hasDeadline, aggregate: sagaAggregate(name, plans, version) }
}

function assertPlan(saga: string, { stages, version }: Plan): void {
  const steps = stages.flat()
  if (steps.length === 0) throw new TypeError(`The saga ${saga} has no steps`)
  if (!Number.isSafeInteger(version) || version < 1)
    throw new TypeError(`The version of ${saga} has to be 1, 2, 3 …`)
  for (const name of [saga, ...steps.map((step) => step.name)]) {
    if (!isToken(name)) throw new TypeError(`The name ${JSON.stringify(name)} may hold only A-Z a-z 0-9 _ -`)
  }
  const names = steps.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TypeError(`The saga ${saga} has two steps ${twice}`)
  if (steps.filter(({ pivot }) => pivot).length > 1) throw new TypeError(`The saga ${saga} has two pivots`)
}
