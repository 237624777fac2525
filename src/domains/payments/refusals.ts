import { reject } from '../../index.ts'

export const notThere = (id: string) => reject('PAYMENT_NOT_FOUND', `There is no payment ${id}`, 404)

export const authorizedOtherwise = (id: string) =>
  reject(
    'PAYMENT_ALREADY_AUTHORIZED',
    `The payment ${id} is authorized already, for something else; take another id`,
    409,
  )

export const alreadyVoided = (id: string) =>
  reject(
    'PAYMENT_ALREADY_VOIDED',
    `The payment ${id} is voided, and nothing more happens to it; take another id`,
  )

export const alreadyCaptured = (id: string) =>
  reject('PAYMENT_ALREADY_CAPTURED', `The payment ${id} is captured and cannot be voided; refund it instead`)

export const notCaptured = (id: string) =>
  reject(
    'PAYMENT_NOT_CAPTURED',
    `The payment ${id} is only authorized: there is nothing to refund; void it instead`,
  )

export const tooMuch = (id: string, amount: string, left: string) =>
  reject('REFUND_EXCEEDS_PAYMENT', `Of the payment ${id} ${left} can be refunded, not ${amount}`)

/** The gateway's no. Nothing is stored for it; another try, with another method maybe, is another command. */
export const declined = (what: 'PAYMENT' | 'CAPTURE' | 'REFUND' | 'VOID', id: string, reason: string) =>
  reject(`${what}_DECLINED`, `The gateway declines it for the payment ${id}: ${reason}`)
