import { defineFeed, z } from '../../index.ts'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'
import { account } from './aggregate.ts'

const TransferCompleted = z.strictObject({
  transferId: Identifier,
  from: Identifier,
  to: Identifier,
  amount: Money,
  currency: Currency,
})

/** What others may know of accounts: that money was moved, once for each transfer. Balances and owners stay private. */
export const accountFeed = defineFeed({
  from: account,
  publish: {
    'account.debited': {
      as: 'transfer.completed',
      data: ({ aggregateId, data: { transferId, to, amount, currency } }) => ({
        transferId,
        from: aggregateId,
        to,
        amount,
        currency,
      }),
      schema: TransferCompleted,
    },
  },
})
