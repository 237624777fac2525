import { cents, money } from '../money.ts'

/** What was authorized, and how the gateway calls it. */
export interface Authorization {
  orderId: string
  amount: string
  currency: string
  method: string
  reference: string
}

export interface PaymentState {
  status: 'none' | 'authorized' | 'captured' | 'voided'
  /** Null before it is authorized; and of a payment that was voided before. */
  authorization: Authorization | null
  refunded: string
}

export const noPayment: PaymentState = { status: 'none', authorization: null, refunded: '0.00' }

/** What of the captured amount has not been given back. */
export function refundable({ authorization, refunded }: PaymentState): string {
  return money(cents(authorization?.amount ?? '0.00') - cents(refunded))
}

export function withRefund(state: PaymentState, amount: string): PaymentState {
  return { ...state, refunded: money(cents(state.refunded) + cents(amount)) }
}
