import { z } from 'zod'
import { eventSubjects } from '../../src/streams/events/subjects.ts'
import { streamSpec } from '../support/service-parts.ts'
import { wallet } from './wallet.ts'

/** How many wallets the events of a log are spread over: always a thousand, or one wallet an event. */
export const Shape = z.enum(['thousand-rows', 'row-an-event'])
export type Shape = z.output<typeof Shape>

/** One log: so many events, a commit each, of wallets in turns. */
export const LogPlan = z.object({ shape: Shape, events: z.int().positive() })
export type LogPlan = z.output<typeof LogPlan>

const THOUSAND = 1000

export function walletsOf({ shape, events }: LogPlan): number {
  return shape === 'thousand-rows' ? Math.min(THOUSAND, events) : events
}

/** The first token of the log's subjects. */
export const namespaceOf = ({ events }: LogPlan) => `bench${events}`

/** The log's stream, like a context's; but message ids are forgotten soon: nothing is sent twice here. */
export function specOf(plan: LogPlan) {
  const spec = streamSpec(`WALLETS_${plan.events}`, [eventSubjects(namespaceOf(plan), wallet.name)])
  return { ...spec, duplicateWindowMs: 1000 }
}

/**
 * Where a partial rebuild of one wallet in a hundred begins: with wallets in turns, as many events as those are wallets
 * at the end of the log.
 */
export function lastHundredth(plan: LogPlan): { sequence: number; wallets: number } {
  const wallets = Math.max(1, Math.floor(walletsOf(plan) / 100))
  return { sequence: plan.events - wallets + 1, wallets }
}
