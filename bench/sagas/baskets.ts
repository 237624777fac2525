/** As many products as there may be at a time in a shop; each checkout buys one piece of one of them. */
export const SKUS = Array.from({ length: 1000 }, (_, at) => `sku-${at}`)
export const STOCK = 1_000_000_000

/** The input of a checkout, the same for both sides. */
export function basketOf(at: number) {
  return {
    customerId: `c-${at % 10_000}`,
    currency: 'EUR',
    items: [{ sku: SKUS[at % SKUS.length] ?? '', quantity: 1, unitPrice: '12.50' }],
    shippingCost: '2.50',
    method: 'card-ok',
    address: { city: 'Porto', postalCode: '4000-001', country: 'PT' },
  }
}

/** The accounts that money is moved among, with what is in each in the beginning. */
export const ACCOUNTS = Array.from({ length: 1000 }, (_, at) => `account-${at}`)
export const BALANCE = '1000000.00'
