import { defineFeed, z } from '../../index.ts'
import { customer } from './aggregate.ts'

/** Where somebody lives, as coarsely as statistics and taxes need it: no name, e-mail, city or postal code. */
const Region = z.strictObject({ state: z.string() })

/** What others may know of customers: that they are there, and in which state. Nothing that tells who they are. */
export const customerFeed = defineFeed({
  from: customer,
  publish: {
    'customer.registered': { data: ({ data: { state } }) => ({ state }), schema: Region },
    'customer.address_changed': {
      as: 'customer.moved',
      data: ({ data: { state } }) => ({ state }),
      schema: Region,
    },
  },
})
