import { column, defineProjection } from '../../index.ts'
import { shipment } from './aggregate.ts'
import { Address, ShipmentItem } from './events.ts'

/** The current state of every shipment, in tb_shipment_projection. */
export const shipmentProjection = defineProjection({
  name: 'shipment',
  version: 1,
  from: [shipment],
  columns: {
    id: column.text().key(),
    status: column.text(),
    order_id: column.text().index(),
    address: column.json(Address),
    postal_code: column.text(),
    items: column.json(ShipmentItem.array()),
    carrier: column.text().nullable(),
    tracking_number: column.text().nullable(),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'shipment.created': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      status: 'CREATED',
      order_id: data.orderId,
      address: data.address,
      postal_code: data.address.postalCode,
      items: data.items,
      carrier: null,
      tracking_number: null,
      created_at: time,
      updated_at: time,
      version,
    }),
    'shipment.dispatched': (row, { data, time, version }) =>
      row && {
        ...row,
        status: 'DISPATCHED',
        carrier: data.carrier,
        tracking_number: data.trackingNumber,
        updated_at: time,
        version,
      },
    'shipment.delivered': (row, { time, version }) =>
      row && { ...row, status: 'DELIVERED', updated_at: time, version },
    // One that was cancelled before it was created has no row.
    'shipment.cancelled': (row, { time, version }) =>
      row && { ...row, status: 'CANCELLED', updated_at: time, version },
  },
})
