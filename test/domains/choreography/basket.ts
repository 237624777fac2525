export const ADDRESS = { name: 'Ana', street: 'Rua 1', city: 'Porto', postalCode: '4000-001', country: 'PT' }

/** Two kinds of tea in three lines, for 20.00. */
export const aBasket = (changes: object = {}) => ({
  customerId: 'c-1',
  currency: 'EUR',
  items: [
    { sku: 'tea', quantity: 1, unitPrice: '4.50' },
    { sku: 'cup', quantity: 2, unitPrice: '4.50' },
    { sku: 'tea', quantity: 1, unitPrice: '4.50' },
  ],
  shippingCost: '2.00',
  method: 'card',
  address: ADDRESS,
  ...changes,
})
