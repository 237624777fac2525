import type { DataOf, EventDefinitions } from '../../streams/events/event-types.ts'

/** An event as a decider returns it: its type and its data. */
export type NewEvent<Events extends EventDefinitions> = {
  [Type in keyof Events & string]: { type: Type; data: DataOf<Events[Type]> }
}[keyof Events & string]

/** The domain says no. `code` is stable, upper snake case; `status` follows HTTP: 422 unless another says it better. */
export interface Rejection {
  rejected: true
  code: string
  detail: string
  status: number
}

/** What a decider may answer: one event, several, none (nothing to do, and that is fine), or a rejection. */
export type Decision<Events extends EventDefinitions> = NewEvent<Events> | NewEvent<Events>[] | Rejection

/**
 * Refuses a command by a rule of the domain.
 *
 * @param code stable, upper snake case, such as `ORDER_ALREADY_SHIPPED`
 * @param detail one sentence for a person: what was wrong and what to do
 * @param status 422 by default; 404 when the aggregate does not exist, 409 when it exists already
 *
 * @example
 * const notThere = (id: string) => reject('ORDER_NOT_FOUND', `There is no order ${id}`, 404)
 */
export function reject(code: string, detail: string, status: 404 | 409 | 422 = 422): Rejection {
  return { rejected: true, code, detail, status }
}

export function isRejection(decision: object): decision is Rejection {
  return 'rejected' in decision && decision.rejected === true
}
