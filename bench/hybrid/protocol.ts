import { z } from 'zod'

/** The log of a run: so many orders, each with a commit for every step of its life. */
export const OrderLog = z.object({ orders: z.int().positive() })
export type OrderLog = z.output<typeof OrderLog>

/** The query with the history, and the same one without it. */
export const Kind = z.enum(['plain', 'history'])
export type Kind = z.output<typeof Kind>

/** What the client is started with. */
export const ClientOptions = z.object({ graph: z.string(), orders: z.int().positive() })

/** A number in flight, or requests a second whether or not earlier ones were answered. */
export const Load = z.union([
  z.object({ kind: Kind, inFlight: z.int().positive() }),
  z.object({ kind: Kind, rate: z.number() }),
])
export type Load = z.output<typeof Load>

export const LoadRequest = z.object({ load: Load, durationMs: z.number() })
