import type { Saga } from './define-saga.ts'
import { defineReactor } from './reactors/define-reactor.ts'
import type { ReactorDefinition } from './reactors/definition.ts'
import type { AwaitedEvent } from './await-event.ts'

/**
 * What tells the instances of a saga of the events that their steps wait for: a reactor for each such step, of whichever version.
 * An event for a saga that is not there, has ended, or is of a version without that step, is nobody's. One for a saga whose version
 * this replica does not know is tried again, until a replica that does has the reactor.
 */
export function eventReactors({ name, plans, aggregate }: Saga): ReactorDefinition[] {
  const steps = new Map<string, AwaitedEvent>()
  for (const { stages } of [...plans.values()].toSorted((one, other) => one.version - other.version)) {
    for (const step of stages.flat()) if ('event' in step) steps.set(step.name, step.event)
  }
  return Array.from(steps, ([step, { from, type, saga }]) =>
    defineReactor({
      name: `saga-${name}-${step}`,
      from: [from],
      on: [type],
      // Each instance waits for its own.
      order: 'none',
      ignore: ['SAGA_NOT_FOUND', 'UNKNOWN_STEP'],
      do(event) {
        const id = saga(event)
        return id === undefined
          ? undefined
          : { aggregate: aggregate.name, id, command: 'observe', data: { step, data: event.data } }
      },
    }),
  )
}
