import { reject } from '../../../index.ts'
import { LONGEST_ID } from './participants.ts'

export const idTooLong = () =>
  reject(
    'PURCHASE_ID_TOO_LONG',
    `The id of a purchase has at most ${LONGEST_ID} characters, since that of its order is longer; take another id`,
  )

export const existsAlready = (id: string) =>
  reject('PURCHASE_ALREADY_EXISTS', `The purchase ${id} exists already; take another id`, 409)

export const notThere = (id: string) => reject('PURCHASE_NOT_FOUND', `There is no purchase ${id}`, 404)

/** Whoever is told this is too late, and undoes what he has done. */
export const failedBefore = (id: string) =>
  reject('PURCHASE_FAILED', `The purchase ${id} has failed: what is done for it is to be undone`)

export const notAnItem = (id: string, sku: string, quantity: number) =>
  reject('ITEM_NOT_IN_PURCHASE', `The purchase ${id} is not about ${quantity} of the product ${sku}`)

export const notReserved = (id: string) =>
  reject('PURCHASE_NOT_RESERVED', `Not all of the purchase ${id} is set aside: it is too early for money`)

export const otherAmount = (id: string, amount: string) =>
  reject('PURCHASE_AMOUNT_DIFFERS', `The purchase ${id} is about ${amount}, not about that amount`)

export const notAuthorized = (id: string) =>
  reject('PURCHASE_NOT_AUTHORIZED', `The purchase ${id} does not know of its payment yet`)
