import type { Saga } from './define-saga.ts'
import { defineReactor } from './reactors/define-reactor.ts'
import type { ReactorDefinition } from './reactors/definition.ts'
import type { AwaitedEvent } from './await-event.ts'
import type { RecordedEvent } from '../streams/events/recorded-event.ts'

/**
 * What tells the instances of a saga of the events that their steps wait for: a reactor for each such step, of whichever version.
 * An event for a saga that is not there, has ended, or is of a version without that step, is nobody's. One for a saga whose version
 * this replica does not know is tried again, until a replica that does has the reactor.
 */
export function eventReactors({ name, plans, aggregate }: Saga): ReactorDefinition[] {
  return Array.from(awaitedBy(plans), ([step, awaited]) =>
    defineReactor({
      name: `saga-${name}-${step}`,
      from: awaited.map(({ event: { from } }) => from),
      on: awaited.map(({ event: { type } }) => type),
      // Each instance waits for its own.
      order: 'none',
      ignore: ['SAGA_NOT_FOUND', 'UNKNOWN_STEP'],
      do: (event) =>
        Array.from(meantBy(awaited, event), ([id, versions]) => ({
          aggregate: aggregate.name,
          id,
          command: 'observe',
          data: { step, data: event.data, versions },
        })),
    }),
  )
}

/** What a step waits for in one version. */
interface Awaited {
  version: number
  event: AwaitedEvent
}

/** What the steps wait for, by their names, in the order of the versions: one that kept its name may wait for something else now. */
function awaitedBy(plans: Saga['plans']): Map<string, Awaited[]> {
  const steps = new Map<string, Awaited[]>()
  for (const { version, stages } of [...plans.values()].toSorted(
    (one, other) => one.version - other.version,
  )) {
    for (const step of stages.flat()) {
      if (!('event' in step)) continue
      steps.set(step.name, [...(steps.get(step.name) ?? []), { version, event: step.event }])
    }
  }
  return steps
}

/** The ids of the instances that an event is for, each with the versions of which it may be. */
function meantBy(awaited: readonly Awaited[], event: RecordedEvent): Map<string, number[]> {
  const ids = new Map<string, number[]>()
  for (const { version, event: one } of awaited) {
    if (one.from.name !== event.aggregate || one.type !== event.type) continue
    const id = one.saga(event)
    if (id !== undefined) ids.set(id, [...(ids.get(id) ?? []), version])
  }
  return ids
}
