import { column, defineProjection } from '../../index.ts'
import { account } from './aggregate.ts'

/**
 * Every transfer, in tb_transfer_projection. The debit says all of it, and the credit was stored with it: one of them is
 * enough. A transferId that a client uses twice stays with its first transfer.
 */
export const transferProjection = defineProjection({
  name: 'transfer',
  version: 1,
  from: [account],
  columns: {
    id: column.text().key(),
    from_account: column.text().index(),
    to_account: column.text().index(),
    amount: column.numeric(),
    currency: column.text(),
    reference: column.text().nullable(),
    made_at: column.timestamp(),
  },
  key: (event) => (event.type === 'account.debited' ? event.data.transferId : event.aggregateId),
  evolve: {
    'account.debited': (row, { aggregateId, data, time }) =>
      row ?? {
        id: data.transferId,
        from_account: aggregateId,
        to_account: data.to,
        amount: data.amount,
        currency: data.currency,
        reference: data.reference ?? null,
        made_at: time,
      },
  },
})
