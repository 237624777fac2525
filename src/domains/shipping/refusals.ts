import { reject } from '../../index.ts'

export type Status = 'none' | 'created' | 'dispatched' | 'delivered' | 'cancelled'
type Step = 'dispatched' | 'delivered' | 'cancelled'

export const createdOtherwise = (id: string) =>
  reject(
    'SHIPMENT_ALREADY_EXISTS',
    `The shipment ${id} exists already, with other content; take another id`,
    409,
  )

export const notServed = (id: string) =>
  reject(
    'ADDRESS_NOT_SERVED',
    `No carrier delivers the shipment ${id} to this country and postal code; take another address`,
  )

export const cancelledBefore = (id: string) =>
  reject('SHIPMENT_ALREADY_CANCELLED', `The shipment ${id} is cancelled; take another id`)

/** Why a shipment in this status cannot take the step: it is not there, it is not so far, or it is past it. */
export function refuse(id: string, status: Status, step: Step) {
  if (status === 'none') return reject('SHIPMENT_NOT_FOUND', `There is no shipment ${id}`, 404)
  if (status === 'created')
    return reject(
      'SHIPMENT_NOT_DISPATCHED',
      `The shipment ${id} is only created; it cannot be ${step} before it is dispatched`,
    )
  return reject(
    `SHIPMENT_ALREADY_${status.toUpperCase()}`,
    `The shipment ${id} is ${status} and cannot be ${step}`,
  )
}
