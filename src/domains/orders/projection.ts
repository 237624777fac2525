import { column, defineProjection } from '../../index.ts'
import { order } from './aggregate.ts'
import { OrderItem } from './events.ts'

/** The current state of every order, in tb_order_projection. */
export const orderProjection = defineProjection({
  name: 'order',
  version: 1,
  from: [order],
  columns: {
    id: column.text().key(),
    status: column.text(),
    customer_id: column.text().index(),
    currency: column.text(),
    total: column.numeric(),
    shipping_cost: column.numeric(),
    items: column.json(OrderItem.array()),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'order.created': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      status: 'CREATED',
      customer_id: data.customerId,
      currency: data.currency,
      total: data.total,
      shipping_cost: data.shippingCost,
      items: data.items,
      created_at: time,
      updated_at: time,
      version,
    }),
    'order.confirmed': (row, { time, version }) =>
      row && { ...row, status: 'CONFIRMED', updated_at: time, version },
    'order.shipped': (row, { time, version }) =>
      row && { ...row, status: 'SHIPPED', updated_at: time, version },
    'order.delivered': (row, { time, version }) =>
      row && { ...row, status: 'DELIVERED', updated_at: time, version },
    'order.cancelled': (row, { time, version }) =>
      row && { ...row, status: 'CANCELLED', updated_at: time, version },
  },
})
