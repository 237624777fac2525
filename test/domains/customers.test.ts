import { expect, test } from 'vitest'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { given } from '../../src/testing/index.ts'

const address = { city: 'Lyon', state: 'ARA', postalCode: '69001' }
const registered = {
  type: 'customer.registered',
  data: { ...address, name: 'Ada', email: 'ada@example.org' },
} as const

test('a customer registers', () => {
  given(customer).when('register', registered.data).thenEvents(registered)
})

test('name and email may be left out', () => {
  given(customer).when('register', address).thenEvents({ type: 'customer.registered', data: address })
})

test('nobody registers twice', () => {
  given(customer, registered).when('register', registered.data).thenRejected('CUSTOMER_ALREADY_EXISTS', 409)
})

test('a customer moves, and moves again', () => {
  const moved = { type: 'customer.address_changed', data: { ...address, city: 'Paris' } } as const
  given(customer, registered).when('change-address', moved.data).thenEvents(moved)
  given(customer, registered, moved)
    .when('change-address', address)
    .thenEvents({ type: 'customer.address_changed', data: address })
})

test('who is not registered cannot move', () => {
  given(customer).when('change-address', address).thenRejected('CUSTOMER_NOT_FOUND', 404)
})

test.each([
  ['an empty city', { ...address, city: ' ' }],
  ['a city of 201 characters', { ...address, city: 'x'.repeat(201) }],
  ['an email without a host', { ...address, email: 'ada@' }],
  ['an empty name', { ...address, name: '' }],
])('%s is refused', (_, data) => {
  given(customer).when('register', data).thenRejected('INVALID_COMMAND', 400)
})

test('what the schema does not know is left out', () => {
  const data = { ...address, role: 'admin' }
  given(customer).when('register', data).thenEvents({ type: 'customer.registered', data: address })
  expect(() => given(customer).when('register', data).thenNothing()).toThrow()
})
