import { describe, expect, it } from 'vitest'
import { customerFeed } from '../../src/domains/customers/feed.ts'
import { paymentFeed } from '../../src/domains/payments/feed.ts'
import { shipmentFeed } from '../../src/domains/shipping/feed.ts'
import type { FeedDefinition } from '../../src/feed/define-feed.ts'

/** What others see of an event. */
function shown({ publications }: FeedDefinition, type: string, data: unknown): unknown {
  return publications.get(type)?.data({
    id: 'e-1',
    type,
    data,
    aggregate: 'any',
    aggregateId: 'a-1',
    version: 1,
    time: '2026-01-31T10:00:00.000Z',
    correlationId: 'c',
    causationId: 'c',
    commandId: 'c',
  })
}

describe('the public feed', () => {
  it('says nothing of what a payment was paid with', () => {
    const terms = { orderId: 'o-1', amount: '12.50', currency: 'EUR' }
    const data = { ...terms, method: 'card-ok', reference: 'secret' }
    expect(shown(paymentFeed, 'payment.authorized', data)).toEqual(terms)
    expect(shown(paymentFeed, 'payment.captured', { amount: '12.50', reference: 'secret' })).toEqual({
      amount: '12.50',
    })
  })

  it('says where a shipment goes to, not to whom', () => {
    const items = [{ sku: 's-1', quantity: 1 }]
    const place = { city: 'Porto', state: 'Porto', postalCode: '4000-001', country: 'PT' }
    const address = { ...place, name: 'Ana', street: 'Rua das Flores 1' }
    expect(shown(shipmentFeed, 'shipment.created', { orderId: 'o-1', items, address })).toEqual({
      orderId: 'o-1',
      items,
      destination: place,
    })
  })

  it('publishes no names and no addresses of customers', () => {
    for (const type of customerFeed.publications.keys()) {
      const data = { name: 'Ana', email: 'ana@example.org', street: 'Rua', city: 'Porto', state: 'PT' }
      expect(JSON.stringify(shown(customerFeed, type, data) ?? {})).not.toMatch(/Ana|example|Rua/)
    }
  })
})
