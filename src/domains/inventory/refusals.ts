import { reject } from '../../index.ts'
import { MOST_STOCK } from './events.ts'
import { MOST_OPEN } from './state.ts'

export const alreadyThere = (sku: string) =>
  reject('PRODUCT_ALREADY_EXISTS', `The product ${sku} exists already`, 409)

export const notThere = (sku: string) => reject('PRODUCT_NOT_FOUND', `There is no product ${sku}`, 404)

export const outOfStock = (sku: string, available: number, quantity: number) =>
  reject(
    'OUT_OF_STOCK',
    `Of the product ${sku} ${available} are available, not ${quantity}; receive more, or reserve less`,
  )

export const overfull = (sku: string, stock: number, quantity: number) =>
  reject(
    'STOCK_LIMIT_EXCEEDED',
    `Of the product ${sku} there are ${stock}; with ${quantity} more it would be over ${MOST_STOCK}`,
  )

export const tooManyOpen = (sku: string) =>
  reject(
    'TOO_MANY_RESERVATIONS',
    `The product ${sku} has ${MOST_OPEN} open reservations; release or ship some of them first`,
  )

export const reservedOtherwise = (sku: string, reservationId: string, quantity: number) =>
  reject(
    'RESERVATION_EXISTS',
    `The reservation ${reservationId} of the product ${sku} is there already, with ${quantity}; take another id`,
    409,
  )

export const notReserved = (sku: string, reservationId: string) =>
  reject('RESERVATION_NOT_FOUND', `The product ${sku} has no reservation ${reservationId}`, 404)

/** A reservation ends once, and its id is not taken again. */
export const over = (sku: string, reservationId: string, how: 'released' | 'shipped') =>
  reject(
    how === 'released' ? 'RESERVATION_RELEASED' : 'RESERVATION_SHIPPED',
    `The reservation ${reservationId} of the product ${sku} is ${how} already`,
  )
