import { commandTo, defineReactor, z } from '../../index.ts'
import { Identifier } from '../identifier.ts'
import { Currency, Money, cents } from '../money.ts'
import { compliance } from './aggregate.ts'

/** What is expected of the public feed; whoever publishes it is not known here. */
const Transfer = z.object({
  transferId: Identifier,
  from: Identifier,
  to: Identifier,
  amount: Money,
  currency: Currency,
})

/** Raises an alert for each transfer of more than the limit, in whatever currency it was made. */
export const alertAbove = (limit: string) =>
  defineReactor({
    name: 'compliance',
    feed: { 'transfer.completed': Transfer },
    // One alert has nothing to do with another: none waits because another could not be raised.
    order: 'none',
    ignore: ['COMPLIANCE_ALERT_RAISED'],
    do: ({ data: { transferId, ...transfer } }) =>
      cents(transfer.amount) > cents(limit)
        ? commandTo(compliance, transferId, 'raise', { ...transfer, limit })
        : undefined,
  })
