import { column, defineProjection } from '../../index.ts'
import { cents, money } from '../money.ts'
import { payment } from './aggregate.ts'

/** The current state of every payment that was authorized, in tb_payment_projection. */
export const paymentProjection = defineProjection({
  name: 'payment',
  version: 1,
  from: [payment],
  columns: {
    id: column.text().key(),
    /** AUTHORIZED, CAPTURED, REFUNDED (all of it) or VOIDED. */
    status: column.text(),
    order_id: column.text().index(),
    amount: column.numeric(),
    currency: column.text(),
    method: column.text(),
    /** Given back so far. */
    refunded: column.numeric(),
    /** The gateway's name for the authorization. */
    reference: column.text(),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'payment.authorized': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      status: 'AUTHORIZED',
      order_id: data.orderId,
      amount: data.amount,
      currency: data.currency,
      method: data.method,
      refunded: '0.00',
      reference: data.reference,
      created_at: time,
      updated_at: time,
      version,
    }),
    'payment.captured': (row, { time, version }) =>
      row && { ...row, status: 'CAPTURED', updated_at: time, version },
    'payment.refunded': (row, { data, time, version }) => {
      if (!row) return null
      const refunded = money(cents(row.refunded) + cents(data.amount))
      const status = cents(refunded) === cents(row.amount) ? 'REFUNDED' : row.status
      return { ...row, status, refunded, updated_at: time, version }
    },
    // One that was voided before it was authorized has no row.
    'payment.voided': (row, { time, version }) =>
      row && { ...row, status: 'VOIDED', updated_at: time, version },
  },
})
