import { column, defineProjection } from '../../index.ts'
import { customer } from './aggregate.ts'

/** The current state of every customer, in tb_customer_projection. */
export const customerProjection = defineProjection({
  name: 'customer',
  version: 1,
  from: [customer],
  columns: {
    id: column.text().key(),
    name: column.text().nullable(),
    email: column.text().nullable(),
    city: column.text(),
    state: column.text(),
    postal_code: column.text(),
    created_at: column.timestamp(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'customer.registered': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      name: data.name ?? null,
      email: data.email ?? null,
      city: data.city,
      state: data.state,
      postal_code: data.postalCode,
      created_at: time,
      updated_at: time,
      version,
    }),
    'customer.address_changed': (row, { data, time, version }) =>
      row && {
        ...row,
        city: data.city,
        state: data.state,
        postal_code: data.postalCode,
        updated_at: time,
        version,
      },
  },
})
