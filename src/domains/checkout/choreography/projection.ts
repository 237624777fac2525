import { column, defineProjection } from '../../../index.ts'
import { OrderItem } from '../../orders/events.ts'
import { purchase } from './aggregate.ts'

/** Every purchase, how far it has come and why it failed, in tb_purchase_projection. */
export const purchaseProjection = defineProjection({
  name: 'purchase',
  version: 1,
  from: [purchase],
  columns: {
    id: column.text().key(),
    /** PLACED, RESERVED, AUTHORIZED, COMPLETED or FAILED. */
    status: column.text().index(),
    customer_id: column.text().index(),
    currency: column.text(),
    total: column.numeric(),
    items: column.json(OrderItem.array()),
    /** The step at which it failed, and with what. */
    failed_step: column.text().nullable(),
    failed_code: column.text().nullable(),
    failed_detail: column.text().nullable(),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'purchase.placed': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      status: 'PLACED',
      customer_id: data.customerId,
      currency: data.currency,
      total: data.total,
      items: data.items,
      failed_step: null,
      failed_code: null,
      failed_detail: null,
      created_at: time,
      updated_at: time,
      version,
    }),
    'purchase.item_reserved': (row, { time, version }) => row && { ...row, updated_at: time, version },
    'purchase.reserved': (row, { time, version }) =>
      row && { ...row, status: 'RESERVED', updated_at: time, version },
    'purchase.authorized': (row, { time, version }) =>
      row && { ...row, status: 'AUTHORIZED', updated_at: time, version },
    'purchase.completed': (row, { time, version }) =>
      row && { ...row, status: 'COMPLETED', updated_at: time, version },
    'purchase.failed': (row, { data, time, version }) =>
      row && {
        ...row,
        status: 'FAILED',
        failed_step: data.step,
        failed_code: data.code,
        failed_detail: data.detail,
        updated_at: time,
        version,
      },
  },
})
