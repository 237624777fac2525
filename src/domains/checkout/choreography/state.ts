import type { z } from 'zod'
import type { Rejection } from '../../../index.ts'
import { piecesBySku } from '../pieces-by-sku.ts'
import { type PurchasePlaced, STEPS } from './events.ts'
import { failedBefore, notThere } from './refusals.ts'

export interface PurchaseState {
  status: 'none' | 'placed' | 'reserved' | 'authorized' | 'completed' | 'failed'
  /** Null of one that is not there. */
  placed: z.infer<typeof PurchasePlaced> | null
  /** The products that are not set aside yet. */
  missing: readonly string[]
}

export const noPurchase: PurchaseState = { status: 'none', placed: null, missing: [] }

/** How many steps are known to be done. */
const DONE = { none: 0, placed: 0, reserved: 2, authorized: 3, completed: STEPS.length, failed: STEPS.length }

/** Whether a refusal of this step comes too late: the step was done, or it has failed before. */
export const isPast = ({ status }: PurchaseState, step: (typeof STEPS)[number]): boolean =>
  STEPS.indexOf(step) < DONE[status]

/** How many pieces it needs of each product. */
export const piecesOf = ({ placed }: PurchaseState) => piecesBySku(placed?.items ?? [])

/** What was placed, of a purchase that goes on; the refusal of any other. */
export function going(
  { status, placed }: PurchaseState,
  id: string,
): z.infer<typeof PurchasePlaced> | Rejection {
  if (!placed) return notThere(id)
  return status === 'failed' ? failedBefore(id) : placed
}
