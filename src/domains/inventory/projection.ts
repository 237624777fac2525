import { column, defineProjection } from '../../index.ts'
import { product } from './aggregate.ts'
import { Reservation } from './events.ts'

/** What there is of every product now, and for whom, in tb_product_projection. */
export const productProjection = defineProjection({
  name: 'product',
  version: 1,
  from: [product],
  columns: {
    /** The sku. */
    id: column.text().key(),
    name: column.text(),
    price: column.numeric(),
    currency: column.text(),
    /** On hand: available and reserved. */
    stock: column.integer(),
    available: column.integer(),
    reserved: column.integer(),
    /** The open ones, oldest first. */
    reservations: column.json(Reservation.array()),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'product.added': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      name: data.name,
      price: data.price,
      currency: data.currency,
      stock: data.stock,
      available: data.stock,
      reserved: 0,
      reservations: [],
      created_at: time,
      updated_at: time,
      version,
    }),
    'product.received': (row, { data: { quantity }, time, version }) =>
      row && {
        ...row,
        stock: row.stock + quantity,
        available: row.available + quantity,
        updated_at: time,
        version,
      },
    'product.reserved': (row, { data: { reservationId, quantity }, time, version }) =>
      row && {
        ...row,
        available: row.available - quantity,
        reserved: row.reserved + quantity,
        reservations: [...row.reservations, { reservationId, quantity }],
        updated_at: time,
        version,
      },
    'product.released': (row, { data: { reservationId, quantity }, time, version }) =>
      row && {
        ...row,
        available: row.available + quantity,
        reserved: row.reserved - quantity,
        reservations: without(row.reservations, reservationId),
        updated_at: time,
        version,
      },
    'product.shipped': (row, { data: { reservationId, quantity }, time, version }) =>
      row && {
        ...row,
        stock: row.stock - quantity,
        reserved: row.reserved - quantity,
        reservations: without(row.reservations, reservationId),
        updated_at: time,
        version,
      },
  },
})

const without = <One extends { reservationId: string }>(reservations: readonly One[], id: string) =>
  reservations.filter(({ reservationId }) => reservationId !== id)
