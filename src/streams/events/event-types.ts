import type { ZodType, output } from 'zod'
import type { CloudEvent } from './cloud-event.ts'
import { HeadwaterError } from '../errors.ts'
import type { Position } from './commit.ts'

/** Turns the data of one version into that of the next. Pure; it meets data as old as the log. */
export type Upcaster = (data: never) => unknown

/** An event type whose data changed its shape over time. */
export interface VersionedEvent<Schema extends ZodType> {
  schema: Schema
  /** The current version: what is written from now on. */
  version: number
  /** From version 1 to 2, from 2 to 3 …: one for each version that came before. */
  upcast: Upcaster[]
}

/** A type of event: its zod schema, or one with a history. */
export type EventDefinition = ZodType | VersionedEvent<ZodType>
/** The event types of an aggregate, by name: `order.created`. */
export type EventDefinitions = Record<string, EventDefinition>

/** The data of an event type, at its current version. */
export type DataOf<Definition> =
  Definition extends VersionedEvent<infer Schema>
    ? output<Schema>
    : Definition extends ZodType
      ? output<Definition>
      : never

/**
 * Declares an event type whose schema has changed. `upcast[0]` turns data of version 1 into version 2, and so on; the
 * current version is one more than there are upcasters.
 *
 * @example
 * const OrderCreated = z.object({ customerId: z.string() })
 * const events = {
 *   'order.created': versionedEvent(OrderCreated, (v1: { customer: string }) => ({ customerId: v1.customer })),
 * }
 */
export function versionedEvent<Schema extends ZodType>(
  schema: Schema,
  ...upcast: Upcaster[]
): VersionedEvent<Schema> {
  return { schema, upcast, version: upcast.length + 1 }
}

/** An event that no schema knows: a type that is not declared, or a version newer than this release. */
export class UnknownEventError extends HeadwaterError {
  readonly position: Position
  constructor(event: CloudEvent, position: Position, reason: string) {
    super({
      code: 'UNKNOWN_EVENT',
      status: 500,
      detail: `The event ${event.type} (version ${event.dataversion ?? 1}) at ${position.stream} ${position.sequence} ${reason}`,
    })
    this.position = position
  }
}

/** The event types of an aggregate: encodes what is written, brings what is read to the current version. */
export interface EventTypes {
  /** The current version of a type's schema, and its data as it will be stored. Throws a ZodError when it does not fit. */
  encode(type: string, data: unknown): { dataversion: number; data: unknown }
  /** The event's data at the current version. Throws UnknownEventError with the position. */
  decode(event: CloudEvent, position: Position): unknown
  has(type: string): boolean
}

export function createEventTypes(definitions: EventDefinitions): EventTypes {
  const types = new Map(
    Object.entries(definitions).map(([type, definition]) => [type, normalise(definition)]),
  )
  return {
    has: (type) => types.has(type),
    encode(type, data) {
      const known = types.get(type)
      if (!known) throw new TypeError(`The event type ${type} is not declared in the aggregate's events`)
      return { dataversion: known.version, data: known.schema.parse(data) }
    },
    decode(event, position) {
      const known = types.get(event.type)
      if (!known) throw new UnknownEventError(event, position, 'is of a type that is not declared here')
      const written = event.dataversion ?? 1
      if (written === known.version) return event.data
      if (!Number.isSafeInteger(written) || written < 1)
        throw new UnknownEventError(event, position, 'has a version that is no number from 1 on')
      if (written > known.version) {
        throw new UnknownEventError(
          event,
          position,
          `is newer than this release, which knows ${known.version}`,
        )
      }
      const result = known.schema.safeParse(upcastOf(event, position, known.upcast.slice(written - 1)))
      if (!result.success) {
        throw new UnknownEventError(
          event,
          position,
          `does not fit its schema after upcasting: ${result.error.message}`,
        )
      }
      return result.data
    },
  }
}

/** An upcaster trusts that what stands in the log was checked when it was written; another program may not have. */
function upcastOf(event: CloudEvent, position: Position, steps: KnownType['upcast']): unknown {
  try {
    return steps.reduce((data, step) => step(data), event.data)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no reason given'
    throw new UnknownEventError(event, position, `cannot be upcast: ${why}`)
  }
}

interface KnownType {
  schema: ZodType
  version: number
  upcast: ((data: unknown) => unknown)[]
}

function normalise(definition: EventDefinition): KnownType {
  return 'upcast' in definition ? widen(definition) : { schema: definition, version: 1, upcast: [] }
}

/** An upcaster declares the old shape that it takes; what stands in the log is that shape because it was validated then. */
function widen({ schema, version, upcast }: VersionedEvent<ZodType>): KnownType {
  return {
    schema,
    version,
    upcast: upcast.map((step) => (data: unknown) => Reflect.apply(step, undefined, [data])),
  }
}
