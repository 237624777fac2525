import { defineAggregate, reject, z } from '../../index.ts'

const Text = z.string().trim().min(1).max(200)
const Address = z.object({ city: Text, state: Text, postalCode: Text })
const RegisterCustomer = Address.extend({ name: Text.optional(), email: z.email().optional() })

/** Who buys. Registered once; the address may change as often as somebody moves. */
export const customer = defineAggregate({
  name: 'customer',
  events: {
    'customer.registered': RegisterCustomer,
    'customer.address_changed': Address,
  },
  commands: {
    register: RegisterCustomer,
    'change-address': Address,
  },
  initial: { registered: false },
  decide: {
    register: ({ registered }, data, { id }) =>
      registered
        ? reject('CUSTOMER_ALREADY_EXISTS', `The customer ${id} is registered already`, 409)
        : { type: 'customer.registered', data },
    'change-address': ({ registered }, data, { id }) =>
      registered
        ? { type: 'customer.address_changed', data }
        : reject('CUSTOMER_NOT_FOUND', `There is no customer ${id}`, 404),
  },
  evolve: {
    'customer.registered': (state) => ({ ...state, registered: true }),
    'customer.address_changed': (state) => state,
  },
})
