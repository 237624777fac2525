import { commandTo } from '../../../../index.ts'
import type { RecordedEvent, Refusal } from '../../../../index.ts'
import { purchase } from '../aggregate.ts'
import type { STEPS } from '../events.ts'
import { purchaseOf } from '../participants.ts'

/** What a purchase that is not there answers: something has an id of its form that does not belong to it. */
export const NOBODY = 'PURCHASE_NOT_FOUND'

/** Tells the purchase that a step was refused: the first of all refusals is its failure. */
export const failedAt =
  (step: (typeof STEPS)[number]) =>
  ({ aggregate, aggregateId }: RecordedEvent, { code, detail }: Refusal) => {
    const id = aggregate === purchase.name ? aggregateId : purchaseOf(aggregateId)
    return id === undefined
      ? undefined
      : commandTo(purchase, id, 'fail', { step, code, detail: detail.slice(0, 1000).toWellFormed() })
  }
