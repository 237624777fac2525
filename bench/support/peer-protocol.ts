import { z } from 'zod'
import { LoadShape } from './load.ts'

/** What a peer's client is started with. */
export const PeerOptions = z.object({ url: z.string() })
/** A load of orders for a peer's client. */
export const PeerRequest = z.object({ run: z.string(), shape: LoadShape })
